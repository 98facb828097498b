// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// checkObjects fails, naming it, when a database or table that is to be read is not there: the server would take a grant on a
// database that does not exist, which a slip of the pen leaves without effect.
func (s *Server) checkObjects(ctx context.Context, on product, grants []DatabaseGrant) error {
	var names, conditions []string
	for _, grant := range grants {
		if lower := strings.ToLower(grant.Database); on.keepsLowerCase && lower != grant.Database {
			return fmt.Errorf("%w: write %q for database %q", ErrLowerCase, lower, grant.Database)
		}
		names = append(names, text(grant.Database))
		var tables []string
		for _, table := range grant.Tables {
			if lower := strings.ToLower(table); on.keepsLowerCase && lower != table {
				return fmt.Errorf("%w: write %q for table %q", ErrLowerCase, lower, table)
			}
			tables = append(tables, text(table))
		}
		if len(tables) > 0 {
			conditions = append(conditions,
				"TABLE_SCHEMA = "+text(grant.Database)+" AND CAST(TABLE_NAME AS BINARY) IN ("+strings.Join(tables, ", ")+")")
		}
	}
	if len(names) == 0 {
		return nil
	}
	query := "SELECT CONVERT(SCHEMA_NAME USING utf8mb4), '' FROM information_schema.SCHEMATA WHERE CAST(SCHEMA_NAME AS BINARY) IN (" + strings.Join(names, ", ") + ")"
	if len(conditions) > 0 {
		query += " UNION ALL SELECT CONVERT(TABLE_SCHEMA USING utf8mb4), CONVERT(TABLE_NAME USING utf8mb4) " +
			"FROM information_schema.TABLES WHERE " + strings.Join(conditions, " OR ")
	}
	// Without the cast the server compares names without case, and looks only one of two up that differ in nothing else.
	there := map[[2]string]bool{}
	err := s.collect(ctx, statement(query), 2, func(row []string) { there[[2]string{row[0], row[1]}] = true })
	if err != nil {
		return fmt.Errorf("look for databases and tables: %w", err)
	}
	if missing := missingObjects(grants, there); len(missing) > 0 {
		return fmt.Errorf("%s: %w", strings.Join(missing, ", "), ErrObjectNotFound)
	}
	return nil
}

func missingObjects(grants []DatabaseGrant, there map[[2]string]bool) []string {
	var missing []string
	for _, grant := range grants {
		if !there[[2]string{grant.Database, ""}] {
			missing = append(missing, "database "+grant.Database)
			continue
		}
		for _, table := range grant.Tables {
			if !there[[2]string{grant.Database, table}] {
				missing = append(missing, "table "+grant.Database+"."+table)
			}
		}
	}
	return missing
}

// definersQuery reads what runs with the rights of a definer. The columns differ in their collations, which a UNION does not take.
const definersQuery = `
SELECT CONVERT(DEFINER USING utf8mb4) AS definer, 'view', CONVERT(TABLE_SCHEMA USING utf8mb4), CONVERT(TABLE_NAME USING utf8mb4)
FROM information_schema.VIEWS
UNION ALL SELECT CONVERT(DEFINER USING utf8mb4), LOWER(ROUTINE_TYPE), CONVERT(ROUTINE_SCHEMA USING utf8mb4),
                 CONVERT(ROUTINE_NAME USING utf8mb4) FROM information_schema.ROUTINES
UNION ALL SELECT CONVERT(DEFINER USING utf8mb4), 'trigger', CONVERT(TRIGGER_SCHEMA USING utf8mb4),
                 CONVERT(TRIGGER_NAME USING utf8mb4) FROM information_schema.TRIGGERS
UNION ALL SELECT CONVERT(DEFINER USING utf8mb4), 'event', CONVERT(EVENT_SCHEMA USING utf8mb4),
                 CONVERT(EVENT_NAME USING utf8mb4) FROM information_schema.EVENTS`

// defined is what one asks of definers, and the answer.
type defined struct {
	of      []account
	objects []string
	err     error
}

// checkDefiner fails, naming them, when one of the users is the definer of objects: they would not work without it, and would
// begin to work for whoever makes a user of that name. The server looks at every object for it: those who ask at the same time share that.
func (s *Server) checkDefiner(ctx context.Context, of ...account) error {
	own := &defined{of: of}
	s.definers.Do(ctx, "", own, s.findDefined)
	if own.err != nil {
		return fmt.Errorf("look for objects whose definer is %s: %w", of[0], own.err)
	}
	if len(own.objects) > 0 {
		return fmt.Errorf("%w: %s", ErrUserIsDefiner, strings.Join(own.objects, ", "))
	}
	return nil
}

func (s *Server) findDefined(ctx context.Context, all []*defined) {
	var quoted []string
	for _, d := range all {
		for _, who := range d.of {
			quoted = append(quoted, text(who.String()))
		}
	}
	query := "SELECT * FROM (" + definersQuery + ") AS defined WHERE definer IN (" + strings.Join(quoted, ", ") + ")"
	err := s.collect(ctx, statement(query), 4, func(row []string) {
		for _, d := range all {
			// The server compares without case.
			if slices.ContainsFunc(d.of, func(who account) bool { return who.String() == row[0] }) {
				d.objects = append(d.objects, row[1]+" "+row[2]+"."+row[3])
			}
		}
	})
	for _, d := range all {
		d.err = err
	}
}
