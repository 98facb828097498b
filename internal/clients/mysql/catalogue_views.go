// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"fmt"
	"slices"
)

// callingViewsQuery reads the views that call functions, or draw numbers from sequences of MariaDB, with each of these: what such a function
// writes, whoever reads a view that runs with its definer's rights writes. A view's text names them as below. The server's own views change
// nothing. Of a view whose text the admin may not see (SHOW VIEW), nothing is known.
const callingViewsQuery statement = "SELECT v.TABLE_SCHEMA, v.TABLE_NAME, v.DEFINER, v.SECURITY_TYPE, " +
	"CONCAT('EXECUTE on function ', f.ROUTINE_SCHEMA, '.', f.ROUTINE_NAME) " +
	"FROM information_schema.VIEWS v JOIN information_schema.ROUTINES f ON f.ROUTINE_TYPE = 'FUNCTION' " +
	"AND LOCATE(CONCAT('`', REPLACE(f.ROUTINE_SCHEMA, '`', '``'), '`.`', REPLACE(f.ROUTINE_NAME, '`', '``'), '`('), v.VIEW_DEFINITION) > 0 " +
	"WHERE v.TABLE_SCHEMA NOT IN ('sys', 'mysql', 'information_schema', 'performance_schema') " +
	"UNION ALL SELECT TABLE_SCHEMA, TABLE_NAME, DEFINER, SECURITY_TYPE, CONCAT('NEXTVAL on sequence ', REPLACE(REPLACE(REPLACE(" +
	"REGEXP_SUBSTR(VIEW_DEFINITION, '(nextval|setval)[(](`([^`]|``)+`[.])?`([^`]|``)+`'), 'nextval(', ''), 'setval(', ''), '`', '')) " +
	"FROM information_schema.VIEWS WHERE VERSION() LIKE '%MariaDB%' AND VIEW_DEFINITION REGEXP '(nextval|setval)[(]`' " +
	"AND TABLE_SCHEMA NOT IN ('sys', 'mysql', 'information_schema', 'performance_schema')"

// viewsOfViewsQuery reads the views that read others.
const viewsOfViewsQuery statement = "SELECT v.TABLE_SCHEMA, v.TABLE_NAME, v.DEFINER, v.SECURITY_TYPE, w.TABLE_SCHEMA, w.TABLE_NAME " +
	"FROM information_schema.VIEWS v JOIN information_schema.VIEWS w " +
	"ON LOCATE(CONCAT('`', REPLACE(w.TABLE_SCHEMA, '`', '``'), '`.`', REPLACE(w.TABLE_NAME, '`', '``'), '`'), v.VIEW_DEFINITION) > 0 " +
	"WHERE v.TABLE_SCHEMA NOT IN ('sys', 'mysql', 'information_schema', 'performance_schema')"

// call is what a view calls with its definer's rights.
type call struct {
	database, view, definer string
	// what is such as 'EXECUTE on function app.f'.
	what string
	// isCallers is set for a view that runs with its caller's rights: that is a view's definer, where one reads it.
	isCallers bool
}

// excess gives it in the words of excess_privileges.
func (c call) excess() string {
	return fmt.Sprintf("%s%sview %s.%s, SQL SECURITY DEFINER of %s", c.what, through, c.database, c.view, c.definer)
}

// callsOfViews reads what views call, once: the queries compare every view with every function and, where there is such a view, with every other.
func (s *Server) callsOfViews(ctx context.Context) ([]call, error) {
	return s.calls.Get(ctx, "", func(ctx context.Context) (calls []call, err error) {
		err = s.collect(ctx, callingViewsQuery, 5, func(row []string) {
			calls = append(calls, call{row[0], row[1], row[2], row[4], row[3] != definersRights})
		})
		if err == nil && len(calls) > 0 {
			calls, err = s.addViewsOfViews(ctx, calls)
		}
		if err != nil {
			return nil, fmt.Errorf("read the server's views: %w", err)
		}
		return slices.DeleteFunc(calls, func(c call) bool { return c.isCallers }), nil
	})
}

// definersRights is how the server says that a view runs with them.
const definersRights = "DEFINER"

// addViewsOfViews adds what views call by way of others, however many.
func (s *Server) addViewsOfViews(ctx context.Context, calls []call) ([]call, error) {
	type view struct{ database, name string }
	readers := map[view][]call{}
	if err := s.collect(ctx, viewsOfViewsQuery, 6, func(row []string) {
		inner := view{row[4], row[5]}
		readers[inner] = append(readers[inner], call{row[0], row[1], row[2], "", row[3] != definersRights})
	}); err != nil {
		return nil, err
	}
	for i := 0; i < len(calls); i++ {
		for _, reader := range readers[view{calls[i].database, calls[i].view}] {
			reader.what = calls[i].what
			if !slices.Contains(calls, reader) {
				calls = append(calls, reader)
			}
		}
	}
	return calls, nil
}
