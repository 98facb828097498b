// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// knownViewsQuery reads the views that a session may know of and that run with their definer's rights: what another one calls, the session may call
// itself. What they call is shown to few (SHOW VIEW).
const knownViewsQuery = "SELECT TABLE_SCHEMA, TABLE_NAME, DEFINER FROM information_schema.VIEWS WHERE SECURITY_TYPE = '" + definersRights +
	"' AND TABLE_SCHEMA" + notOfTheServer + "ORDER BY TABLE_SCHEMA, TABLE_NAME"

// mostAtOnce bounds the views that one statement reads.
const mostAtOnce = 50

// writingViews finds the views that the session may read, and that write when they are read: they call functions that do, or draw numbers from
// sequences. In a transaction that may not write, the server refuses such a view when it opens what the view is about.
func writingViews(ctx context.Context, s session, isMariaDB bool) (found []string, err error) {
	views, err := rowsOf(ctx, s, knownViewsQuery, 3)
	if err != nil {
		return nil, err
	}
	read := readsNothing
	if isMariaDB {
		read = readsAbsent
	}
	for some := range slices.Chunk(views, mostAtOnce) {
		if err := inReadOnlyTransaction(ctx, s, func() error { return addWriting(ctx, s, some, read, &found) }); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// readsAbsent reads a column that is not there: MariaDB finds that out once it has opened all, and does nothing, not even for a view without tables,
// which it would compute for no row as well.
func readsAbsent(view string) string {
	return "(SELECT " + quoteName("terrascale-connection-check-"+rand.Text()) + " FROM " + view + ")"
}

// readsNothing reads no row. MySQL looks for columns before it has opened all.
func readsNothing(view string) string {
	return "(SELECT /*+ MAX_EXECUTION_TIME(1000) */ 1 FROM " + view + " LIMIT 0)"
}

// addWriting looks at views with one statement and, where that fails, at each half.
func addWriting(ctx context.Context, s session, views [][]string, read func(view string) string, found *[]string) error {
	parts := make([]string, len(views))
	for i, view := range views {
		parts[i] = read(quoteName(view[0]) + "." + quoteName(view[1]))
	}
	_, err := s.ExecContext(ctx, strings.Join(parts, " UNION ALL "))
	var answer *mysql.MySQLError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &answer):
		return err
	case answer.Number == codeNoColumn:
		return nil
	case len(views) > 1:
		half := len(views) / 2
		return errors.Join(addWriting(ctx, s, views[:half], read, found), addWriting(ctx, s, views[half:], read, found))
	case answer.Number == codeReadOnlyTransaction:
		called := call{database: views[0][0], view: views[0][1], definer: views[0][2], what: "a write"}
		*found = append(*found, called.excess())
		return nil
	case slices.Contains(codesUnreadable, answer.Number):
		return nil
	default:
		return fmt.Errorf("view %s.%s: %w: %w", views[0][0], views[0][1], errUntold, err)
	}
}

// codesUnreadable are those of a view that the session may not read, or that nobody can: what it names is not there, or its definer is not, or lacks
// rights.
var codesUnreadable = []uint16{1044, 1045, 1142, 1143, codeNoTable, codeNoRoutine, 1356, 1370, 1449}
