// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
)

// write makes a file with a text and gives its path.
func write(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.terse")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// folder lists what is in a file's folder.
func folder(t testing.TB, path string) []string {
	t.Helper()
	found, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	names := make([]string, len(found))
	for i, entry := range found {
		names[i] = entry.Name()
	}
	return names
}

var users = hyperterse.Adapter{
	Name: "users_db", Connector: "postgres", ConnectionString: "{{ env.DATABASE_URL }}",
	Options: map[string]string{"connect_timeout": "10", "application_name": "it's"},
}

const inBlock = `  users_db:
    connector: postgres
    connection_string: '{{ env.DATABASE_URL }}'
    options:
      application_name: 'it''s'
      connect_timeout: '10'
`

const inFlow = `users_db: {connector: postgres, connection_string: '{{ env.DATABASE_URL }}', ` +
	`options: {application_name: 'it''s', connect_timeout: '10'}}`

const other = "  other: # theirs\n    connector: redis\n    connection_string: \"{{ env.REDIS_URL }}\"\n"

func TestCreateAddsLinesAndDeleteTakesThemBack(t *testing.T) {
	const mark = "adapters: # Added by Terraform, which removes this line with the last adapter.\n"
	for name, test := range map[string]struct{ before, after string }{
		"after the last adapter": {
			"name: api\nadapters:\n" + other + "\n# queries\nqueries: {}\n",
			"name: api\nadapters:\n" + other + inBlock + "\n# queries\nqueries: {}\n",
		},
		"no adapters":        {"name: api\nqueries: {}\n", "name: api\nqueries: {}\n" + mark + inBlock},
		"adapters is empty":  {"adapters:\nqueries: {}\n", "adapters:\n" + inBlock + "queries: {}\n"},
		"comments in there":  {"adapters:\n    # one day\n# end\nname: a\n", "adapters:\n    # one day\n" + inBlock + "# end\nname: a\n"},
		"an empty file":      {"", mark + inBlock},
		"only comments":      {"# nothing yet\n", "# nothing yet\n" + mark + inBlock},
		"no final newline":   {"adapters:\n" + strings.TrimSuffix(other, "\n"), "adapters:\n" + other + strings.TrimSuffix(inBlock, "\n")},
		"nothing and no end": {"name: api", "name: api\n" + mark + strings.TrimSuffix(inBlock, "\n")},
		"Windows":            {"name: api\r\nadapters:\r\n  a: {}\r\n", "name: api\r\nadapters:\r\n  a: {}\r\n" + strings.ReplaceAll(inBlock, "\n", "\r\n")},
		"flow":               {"adapters: { other: {} }\n", "adapters: {" + inFlow + ", other: {} }\n"},
		"empty flow":         {"adapters: {}\nname: a\n", "adapters: {" + inFlow + "}\nname: a\n"},
		"all in braces":      {"{name: a, adapters: {}}", "{name: a, adapters: {" + inFlow + "}}"},
		"a document's end":   {"---\nname: api\n...\n# end\n", "---\nname: api\n" + mark + inBlock + "...\n# end\n"},
		"a literal text that keeps its blank lines": {
			"adapters:\n  a:\n    connection_string: |+\n      x\n\nname: b\n",
			"adapters:\n" + inBlock + "  a:\n    connection_string: |+\n      x\n\nname: b\n",
		},
		"other characters": {"\ufeffname: ñandú # 雪\nadapters:\n  雪: {}\n", "\ufeffname: ñandú # 雪\nadapters:\n  雪: {}\n" + inBlock},
		"anchors elsewhere": {
			"x: &x {a: 1}\nadapters:\n  a: &a\n    <<: *x\n  b: *a\n",
			"x: &x {a: 1}\nadapters:\n  a: &a\n    <<: *x\n  b: *a\n" + inBlock,
		},
		"wide": {
			"server:\n    port: 1\nadapters:\n    a: {}\n",
			"server:\n    port: 1\nadapters:\n    a: {}\n    users_db:\n        connector: postgres\n" +
				"        connection_string: '{{ env.DATABASE_URL }}'\n        options:\n            application_name: 'it''s'\n            connect_timeout: '10'\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, test.before)
			require.NoError(t, hyperterse.ConfigFile(path).Create(t.Context(), users, nil))
			require.Equal(t, test.after, read(t, path))
			adapter, err := hyperterse.ConfigFile(path).Read("users_db")
			require.NoError(t, err)
			require.Equal(t, users, adapter)
			require.ErrorIs(t, hyperterse.ConfigFile(path).Create(t.Context(), users, nil), hyperterse.ErrAdapterExists)
			require.NoError(t, hyperterse.ConfigFile(path).Delete(t.Context(), "users_db"))
			require.Equal(t, test.before, read(t, path))
			_, err = hyperterse.ConfigFile(path).Read("users_db")
			require.ErrorIs(t, err, hyperterse.ErrAdapterNotFound)
			require.Equal(t, []string{"config.terse"}, folder(t, path), "no lock and no temporary file is left")
		})
	}
}

func TestUpdateChangesOnlyWhatDiffers(t *testing.T) {
	const file = `adapters:
  first: {connector: mysql, connection_string: '{{ env.M }}'}
  # ours
  "users_db":   # key
    # the kind
    connector:   postgres   # kind
    connection_string: "{{ env.OLD }}"    # where
    options:
      application_name: it's
      connect_timeout:  10    # seconds
      # the end
  last:
    connector: redis
`
	for name, test := range map[string]struct {
		change func(*hyperterse.Adapter)
		edits  []string // pairs of old and new text
	}{
		"nothing":           {func(*hyperterse.Adapter) {}, nil},
		"connector":         {func(a *hyperterse.Adapter) { a.Connector = "mongodb" }, []string{"postgres ", "mongodb "}},
		"connection string": {func(a *hyperterse.Adapter) { a.ConnectionString = "{{ env.NEW }}\"" }, []string{`"{{ env.OLD }}"`, `"{{ env.NEW }}\""`}},
		"option": {
			func(a *hyperterse.Adapter) {
				a.Options = map[string]string{"connect_timeout": "20", "application_name": "it's"}
			},
			[]string{"10    #", "'20'    #"},
		},
		"another option": {
			func(a *hyperterse.Adapter) {
				a.Options = map[string]string{"connect_timeout": "10", "application_name": "it's", "sslmode": "require"}
			},
			[]string{"      # the end\n", "      sslmode: 'require'\n      # the end\n"},
		},
		"one option less": {
			func(a *hyperterse.Adapter) { a.Options = map[string]string{"connect_timeout": "10"} },
			[]string{"      application_name: it's\n", ""},
		},
		"other options": {
			func(a *hyperterse.Adapter) { a.Options = map[string]string{"sslmode": "require"} },
			[]string{"      application_name: it's\n      connect_timeout:  10    # seconds\n", "      sslmode: 'require'\n"},
		},
		"no options": {
			func(a *hyperterse.Adapter) { a.Options = nil },
			[]string{"    options:\n      application_name: it's\n      connect_timeout:  10    # seconds\n      # the end\n", ""},
		},
		"name": {func(a *hyperterse.Adapter) { a.Name = "people-db" }, []string{`"users_db"`, `"people-db"`}},
		"a name that YAML takes for a boolean": {
			func(a *hyperterse.Adapter) { a.Name = "true" }, []string{`"users_db"`, `"true"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, file)
			adapter, err := hyperterse.ConfigFile(path).Read("users_db")
			require.NoError(t, err)
			test.change(&adapter)
			require.NoError(t, hyperterse.ConfigFile(path).Update(t.Context(), "users_db", adapter, nil))
			require.Equal(t, strings.NewReplacer(test.edits...).Replace(file), read(t, path))
			again, err := hyperterse.ConfigFile(path).Read(adapter.Name)
			require.NoError(t, err)
			require.Equal(t, adapter, again)
		})
	}
	path := write(t, file)
	adapter := users
	adapter.Name = "last"
	require.ErrorIs(t, hyperterse.ConfigFile(path).Update(t.Context(), "users_db", adapter, nil), hyperterse.ErrAdapterExists)
	require.ErrorIs(t, hyperterse.ConfigFile(path).Update(t.Context(), "nobody", users, nil), hyperterse.ErrAdapterNotFound)
	require.Equal(t, file, read(t, path))
}

func TestUpdateInOtherLayouts(t *testing.T) {
	wanted := users
	wanted.Options = map[string]string{"a": "1", "c": "3"}
	for name, test := range map[string]struct{ before, after string }{
		"flow": {
			"adapters: {x: {}, users_db: {connector: mysql, connection_string: x, options: {a: 1, b: 2}}, z: {}}",
			"adapters: {x: {}, users_db: {connector: postgres, connection_string: '{{ env.DATABASE_URL }}', options: {c: '3',a: 1}}, z: {}}",
		},
		"flow options": {
			"adapters:\n  users_db:\n    connector: 'mysql'\n    options: { b: '2' } # o\n    connection_string: x y\n",
			"adapters:\n  users_db:\n    connector: 'postgres'\n    options: {c: '3',a: '1' } # o\n    connection_string: '{{ env.DATABASE_URL }}'\n",
		},
		"over several lines": {
			"adapters:\n  users_db:\n    connector: >-\n      mysql\n    connection_string: x\n      y\n    options: ~\n  b: {}\n",
			"adapters:\n  users_db:\n    connector: 'postgres'\n    connection_string: '{{ env.DATABASE_URL }}'\n    options:\n      a: '1'\n      c: '3'\n  b: {}\n",
		},
		"fields missing": {
			"adapters:\n  users_db:\n    connector:\n  b: {}\n",
			"adapters:\n  users_db:\n    connector: 'postgres'\n    connection_string: '{{ env.DATABASE_URL }}'\n    options:\n      a: '1'\n      c: '3'\n  b: {}\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, test.before)
			require.NoError(t, hyperterse.ConfigFile(path).Update(t.Context(), "users_db", wanted, nil))
			require.Equal(t, test.after, read(t, path))
		})
	}
}

func TestDeleteLeavesTheRest(t *testing.T) {
	for name, test := range map[string]struct{ before, after string }{
		"only one, theirs":    {"adapters:\n  users_db:\n    connector: x\nname: a\n", "adapters:\nname: a\n"},
		"comments of others":  {"adapters:\n  # of u\n  users_db:\n    connector: x\n    # in u\n\n  # of b\n  b: {}\n", "adapters:\n  # of u\n\n  # of b\n  b: {}\n"},
		"first in braces":     {"adapters: { users_db: {a: '}'}, b: {} }", "adapters: { b: {} }"},
		"middle in braces":    {"adapters: { a: {}, users_db: {a: [1, \"]\"]}, b: {} }", "adapters: { a: {}, b: {} }"},
		"last in braces":      {"adapters: { a: {}, users_db: {a: b's} }", "adapters: { a: {} }"},
		"last, after comment": {"adapters: { a: {}, # a\n  users_db: {a: b} # b }\n}", "adapters: { a: {}, # a\n   # b }\n}"},
		"literal at the end":  {"adapters:\n  users_db:\n    connection_string: |\n      x\n      # text\nname: a", "adapters:\nname: a"},
		"no final newline":    {"adapters:\n  a: {}\n  users_db:\n    connector: x", "adapters:\n  a: {}"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, test.before)
			require.NoError(t, hyperterse.ConfigFile(path).Delete(t.Context(), "users_db"))
			require.Equal(t, test.after, read(t, path))
		})
	}
}

func TestFilesThatAreRefusedStayAsTheyAre(t *testing.T) {
	for name, test := range map[string]struct {
		text  string
		cause error
		words string
	}{
		"block syntax":         {"name: api\nadapter users_db {\n  connector: postgres\n}\n", hyperterse.ErrBlockSyntax, "block syntax"},
		"block syntax only":    {"adapter users_db {\n}\n", hyperterse.ErrBlockSyntax, "block syntax"},
		"no map":               {"- a\n", hyperterse.ErrInvalidFile, "line 1: it is not a map"},
		"a tab":                {"adapters:\n\ta: {}\n", hyperterse.ErrInvalidFile, "line 2: a tab"},
		"two documents":        {"name: a\n---\nname: b\n", hyperterse.ErrInvalidFile, "line 2: a second YAML document"},
		"key twice":            {"adapters:\n  users_db: {connector: x}\n  a: {b: 1,\n      b: 2}\n", hyperterse.ErrInvalidFile, `line 4: the key "b" is in line 3 already`},
		"adapter twice":        {"adapters:\n  users_db: {}\n  users_db: {}\n", hyperterse.ErrInvalidFile, "line 3"},
		"not closed":           {"name: a\nadapters: {\n", hyperterse.ErrInvalidFile, "line "},
		"not UTF-8":            {"name: \xff\n", hyperterse.ErrInvalidFile, "not UTF-8"},
		"adapters is a list":   {"adapters: [users_db]\n", hyperterse.ErrInvalidFile, "line 1: adapters is not a map"},
		"adapters is an alias": {"x: &x {users_db: {}}\nadapters: *x\n", hyperterse.ErrAlias, "line 2"},
		"adapters has anchor":  {"adapters: &x\n  users_db: {}\n", hyperterse.ErrAlias, "line 1"},
		"merged":               {"x: &x {users_db: {}}\nadapters:\n  <<: *x\n", hyperterse.ErrAlias, "line 2"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, test.text)
			created := users
			created.Name = "new"
			for _, err := range []error{
				hyperterse.ConfigFile(path).Check(), hyperterse.ConfigFile(path).Create(t.Context(), created, nil),
				hyperterse.ConfigFile(path).Update(t.Context(), "users_db", users, nil), hyperterse.ConfigFile(path).Delete(t.Context(), "users_db"),
			} {
				require.ErrorIs(t, err, test.cause)
				require.ErrorContains(t, err, test.words)
				require.ErrorContains(t, err, path)
			}
			require.Equal(t, test.text, read(t, path))
			require.Equal(t, []string{"config.terse"}, folder(t, path))
		})
	}
}

func TestAdaptersThatAreRefusedStayAsTheyAre(t *testing.T) {
	for name, test := range map[string]struct {
		text  string
		cause error
	}{
		"anchor":        {"adapters:\n  users_db: &a {connector: x}\n  b: *a\n", hyperterse.ErrAlias},
		"inner anchor":  {"adapters:\n  users_db: {connector: &a x}\n", hyperterse.ErrAlias},
		"alias":         {"x: &x y\nadapters:\n  users_db: {connector: *x}\n", hyperterse.ErrAlias},
		"is an alias":   {"x: &x {}\nadapters:\n  users_db: *x\n", hyperterse.ErrAlias},
		"merge":         {"x: &x {connector: y}\nadapters:\n  users_db: {<<: *x}\n", hyperterse.ErrAlias},
		"no map":        {"adapters:\n  users_db: text\n", hyperterse.ErrInvalidFile},
		"empty":         {"adapters:\n  users_db:\n  b: {}\n", hyperterse.ErrInvalidFile},
		"list options":  {"adapters:\n  users_db: {options: [a]}\n", hyperterse.ErrInvalidFile},
		"nested option": {"adapters:\n  users_db: {options: {a: {b: c}}}\n", hyperterse.ErrInvalidFile},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, test.text)
			_, err := hyperterse.ConfigFile(path).Read("users_db")
			require.ErrorIs(t, err, test.cause)
			require.ErrorIs(t, hyperterse.ConfigFile(path).Update(t.Context(), "users_db", users, nil), test.cause)
			require.Equal(t, test.text, read(t, path))
		})
	}
	path := write(t, "{name: a}")
	require.ErrorIs(t, hyperterse.ConfigFile(path).Create(t.Context(), users, nil), hyperterse.ErrLayout)
	path = write(t, "adapters:\n  ? users_db\n  : {connector: a}\n")
	require.ErrorIs(t, hyperterse.ConfigFile(path).Delete(t.Context(), "users_db"), hyperterse.ErrLayout)
}

func TestReadGivesScalarsAsText(t *testing.T) {
	path := write(t, "adapters:\n  users_db:\n    connector: postgres\n    connection_string: >-\n      host=a\n      dbname=b\n"+
		"    options: {a: 10, b: true, c: 1.50, d: ~, e: '', f: \"x\\ty\"}\n")
	adapter, err := hyperterse.ConfigFile(path).Read("users_db")
	require.NoError(t, err)
	require.Equal(t, "host=a dbname=b", adapter.ConnectionString)
	require.Equal(t, map[string]string{"a": "10", "b": "true", "c": "1.50", "d": "", "e": "", "f": "x\ty"}, adapter.Options)
	refers, err := hyperterse.ConfigFile(path).RefersTo("DATABASE_URL", "")
	require.NoError(t, err)
	require.False(t, refers)
	require.NoError(t, hyperterse.ConfigFile(path).Create(t.Context(), hyperterse.Adapter{Name: "z", Connector: "redis", ConnectionString: "a{{env.DATABASE_URL}}b"}, nil))
	refers, err = hyperterse.ConfigFile(path).RefersTo("DATABASE_URL", "")
	require.NoError(t, err)
	require.True(t, refers)
	refers, err = hyperterse.ConfigFile(path).RefersTo("DATABASE_URL", "z")
	require.NoError(t, err)
	require.False(t, refers)
}
