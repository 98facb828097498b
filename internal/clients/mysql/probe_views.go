// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
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
// sequences. In a transaction that may not write, the server refuses such a view when it opens what the view is about; nothing is read, and
// nothing is called.
func writingViews(ctx context.Context, s session) (found []string, err error) {
	views, err := rowsOf(ctx, s, knownViewsQuery, 3)
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(views, mostAtOnce) {
		if err := inReadOnlyTransaction(ctx, s, func() error { return addWriting(ctx, s, some, &found) }); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// addWriting reads nothing of views with one statement and, where that fails, of each half.
func addWriting(ctx context.Context, s session, views [][]string, found *[]string) error {
	parts := make([]string, len(views))
	for i, view := range views {
		parts[i] = "(SELECT 1 FROM " + quoteName(view[0]) + "." + quoteName(view[1]) + " LIMIT 0)"
	}
	_, err := s.ExecContext(ctx, strings.Join(parts, " UNION ALL "))
	var answer *mysql.MySQLError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &answer):
		return err
	case len(views) > 1:
		half := len(views) / 2
		return errors.Join(addWriting(ctx, s, views[:half], found), addWriting(ctx, s, views[half:], found))
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
