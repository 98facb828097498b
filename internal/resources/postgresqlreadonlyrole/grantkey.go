// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"errors"
	"strings"
)

// schemaName is a schema of a database.
type schemaName struct{ database, schema string }

// errGrantKey says that a key of grants is not database.schema.
var errGrantKey = errors.New("is not database.schema")

// parseGrantKey reads database.schema. Names are taken as they are written; one in double quotes may hold dots, and double quotes that
// are doubled.
func parseGrantKey(key string) (schemaName, error) {
	database, rest, err := cutName(key)
	if err != nil || !strings.HasPrefix(rest, ".") {
		return schemaName{}, errGrantKey
	}
	schema, rest, err := cutName(rest[1:])
	if err != nil || rest != "" {
		return schemaName{}, errGrantKey
	}
	return schemaName{database, schema}, nil
}

// cutName reads one name, and gives what follows it.
func cutName(text string) (name, rest string, err error) {
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexAny(text, `."`)
		if end < 0 {
			end = len(text)
		}
		return text[:end], text[end:], nil
	}
	var unquoted strings.Builder
	for rest = text[1:]; ; {
		end := strings.IndexByte(rest, '"')
		if end < 0 {
			return "", "", errGrantKey
		}
		unquoted.WriteString(rest[:end])
		rest = rest[end+1:]
		if !strings.HasPrefix(rest, `"`) {
			return unquoted.String(), rest, nil
		}
		unquoted.WriteByte('"')
		rest = rest[1:]
	}
}

// key writes the name as a key of grants, with quotes only where they are needed.
func (n schemaName) key() string { return quoteName(n.database) + "." + quoteName(n.schema) }

func quoteName(name string) string {
	if name != "" && !strings.ContainsAny(name, `."`) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
