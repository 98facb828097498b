// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// errGuess means that a database holds something else than what a change took for granted. Its transaction is run again, after a look.
var errGuess = errors.New("what the database holds has changed")

// undefinedCodes are the server's for what is not there: a table, a column, a schema, anything else.
var undefinedCodes = []string{"42P01", "42703", "3F000", "42704"}

// guess gives what schemas hold as an earlier change of this process found it, so that a new role takes a round trip less: it is made by
// that, the same round trip reads what the schemas hold, and nothing is committed where that differs. There is none where any schema is not
// known, or where something that is wanted is not in it; the answer of a look is to be given then.
func (s *Server) guess(p *part, want wanted) *contents {
	if !p.isSuperuser() || s.everybodyIn(want.database) == nil {
		return nil
	}
	found := &contents{schemas: map[string]schemaContents{}, database: grantable{mayGrant: true}}
	found.forgetEntries()
	s.mu.Lock()
	known := s.known[want.database]
	for _, name := range want.schemas() {
		if schema, isKnown := known[name]; isKnown {
			found.schemas[name] = schema
		}
	}
	s.mu.Unlock()
	if len(found.schemas) < len(want.schemas()) || len(missing(want, found.privileges(&Observed{Name: want.role}, want))) > 0 {
		return nil
	}
	return found
}

// keepKnown remembers what schemas hold; nil forgets all of the database.
func (s *Server) keepKnown(database string, schemas map[string]schemaContents) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if schemas == nil {
		delete(s.known, database)
		return
	}
	if s.known[database] == nil {
		s.known[database] = map[string]schemaContents{}
	}
	maps.Copy(s.known[database], schemas)
}

// checkGuess is errGuess where a guess was wrong, as a reading or the server's answer says.
func (s *Server) checkGuess(want wanted, guessed, found *contents, answer error) error {
	server := serverError(answer)
	switch {
	case server != nil && slices.Contains(undefinedCodes, server.Code):
	case answer != nil:
		return answer
	case reflect.DeepEqual(guessed.of(want.schemas()), found.of(want.schemas())):
		return nil
	}
	s.keepKnown(want.database, nil)
	return fmt.Errorf("%w in database %s while role %s was made", errGuess, want.database, want.role)
}

// of gives some schemas.
func (c *contents) of(names []string) map[string]schemaContents {
	some := map[string]schemaContents{}
	for _, name := range names {
		if schema, isThere := c.schemas[name]; isThere {
			some[name] = schema
		}
	}
	return some
}
