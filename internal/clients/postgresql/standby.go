// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/timelimit"
)

// standbyStatus is what servers from version 14 on tell every connection.
const standbyStatus = "in_hot_standby"

func isStandby(connection *pgx.Conn) bool {
	return connection.PgConn().ParameterStatus(standbyStatus) == "on"
}

// CheckWritable is ErrStandby for a server that takes no changes. It asks through a database, and once through each.
func (s *Server) CheckWritable(ctx context.Context, database string) error {
	standby, err := s.standby.Get(ctx, database, func(ctx context.Context) (standby bool, err error) {
		ctx, cancel := timelimit.Bound(ctx)
		defer cancel()
		connection, err := s.acquire(ctx, database)
		if err != nil {
			return false, err
		}
		defer connection.Release()
		if status := connection.Conn().PgConn().ParameterStatus(standbyStatus); status != "" {
			return isStandby(connection.Conn()), nil
		}
		// An older server, or a pooler that does not pass it on.
		if err := connection.QueryRow(ctx, "SELECT pg_catalog.pg_is_in_recovery()").Scan(&standby); err != nil {
			return false, fmt.Errorf("ask whether the server is a standby: %w", err)
		}
		return standby, nil
	})
	if err == nil && standby {
		err = ErrStandby
	}
	return err
}
