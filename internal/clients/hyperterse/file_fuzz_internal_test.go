// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// hushed stands for what no error may quote.
const hushed = "HUSH-5e1f"

// requireRefusal checks that an error says what kind it is, and quotes nothing that may be secret.
func requireRefusal(t *testing.T, err error, text []byte) {
	t.Helper()
	known := []error{ErrInvalidFile, ErrBlockSyntax, ErrLayout, ErrAlias, ErrAdapterExists, ErrAdapterNotFound, ErrVersion2}
	require.True(t, slices.ContainsFunc(known, func(kind error) bool { return errors.Is(err, kind) }), "%v of %q", err, text)
	require.NotContains(t, err.Error(), hushed, "%q", text)
}

// requireInsertion checks that a text is another one with something put in at one place.
func requireInsertion(t *testing.T, before, after []byte) {
	t.Helper()
	same := 0
	for same < len(before) && same < len(after) && before[same] == after[same] {
		same++
	}
	require.True(t, bytes.HasSuffix(after, before[same:]), "%q does not hold all of %q", after, before)
}

// read gives all adapters of a document that can be read.
func readAll(d *document) map[string]Adapter {
	found := map[string]Adapter{}
	for _, name := range d.names() {
		if adapter, err := d.read(name); err == nil {
			found[name] = adapter
		}
	}
	return found
}

// requireOthers checks that the other adapters are what they were.
func requireOthers(t *testing.T, before, after *document, names ...string) {
	t.Helper()
	was, is := readAll(before), readAll(after)
	for _, name := range names {
		delete(was, name)
		delete(is, name)
	}
	require.Equal(t, was, is, "%q became %q", before.text, after.text)
}

var files = []string{
	"", "# only a comment\n", "adapters:\n", "adapters: {}\n", "adapters: ~\n", "adapters: { a: {connector: x}, \"b\": { c: 'd, }' } } # end\n",
	"name: gateway\n\nadapters:\n  # the first\n  a:\n    connector: postgres\n    connection_string: '{{ env.A }}'\n    options:\n      sslmode: \"require\" # why\n  b: {connector: mysql}\n\nqueries:\n  q:\n    use: a\n",
	"adapters:\r\n  a:\r\n    connector: redis\r\n", "a: |+\n  kept\n\n", "a: &x {m: 1}\nadapters:\n  b: *x\n", "---\nadapters:\n  a:\n    connector: x\n...\n", "\ufeffadapters:\n a:\n  connector: x",
	"adapters:\n  a:\n    connector: x\n    connection_string: |\n      two\n      lines\n    options: {a: 1, 'b': [1]}\nserver:\n  port: 8080", "adapter a {\n}\n", "a: 1\na: 2\n", "\t- x", "{adapters: {a: {connector: x}}}\n",
	"adapters:\n  a: ~\n  ? b\n  : connector: x\n", "adapters: # why\n\n\n  a:\n    connector: x # it\n\n# end\n", "a:\u2028b: 1\nadapters:\n  a: {}\n", "adapters: !!map\n  a:\n    connector: !!str x\n",
}

// An adapter is made, changed and removed in any file of version 1: it is read back as it was written, the others stay, every other byte stays,
// and what is refused stays as it is.
func FuzzConfigFile(f *testing.F) {
	for i, text := range files {
		f.Add([]byte(text), "{{ env.X }}", byte(i))
		f.Add([]byte(text), "it's\n\"#: \u2028", byte(i))
	}
	f.Fuzz(func(t *testing.T, text []byte, value string, index byte) {
		if !utf8.ValidString(value) || len(text) > 4<<10 {
			return
		}
		before, err := parse(text)
		if err == nil {
			err = before.checkVersion()
		}
		if err != nil {
			requireRefusal(t, err, nil)
			return
		}
		wanted := Adapter{
			Name: "zz-new", Connector: Connectors[int(index)%len(Connectors)], ConnectionString: value + hushed,
			Options: map[string]string{"sslmode": value, "a b": "1"},
		}
		created, err := before.create(wanted)
		if err != nil {
			requireRefusal(t, err, text)
		} else {
			requireLife(t, before, created, wanted)
		}
		for _, name := range before.names() {
			requireEdits(t, before, name, wanted)
		}
	})
}

// requireLife follows an adapter that was made: read, changed to the same, changed to another, removed.
func requireLife(t *testing.T, before *document, created []byte, wanted Adapter) {
	t.Helper()
	made, err := parse(created)
	require.NoError(t, err)
	got, err := made.read(wanted.Name)
	require.NoError(t, err)
	require.True(t, got.Equal(wanted), "%+v was written, and %+v is read", wanted, got)
	requireOthers(t, before, made, wanted.Name)
	_, place, err := before.adapters()
	require.NoError(t, err)
	saysNull := false // adapters: ~ is no map yet, so that it is replaced.
	if place >= 0 {
		value := entries(before.root)[place].value
		saysNull = isNull(value) && !isEmpty(value)
	}
	if !saysNull {
		requireInsertion(t, before.text, created)
	}
	same, err := made.update(wanted.Name, wanted)
	require.NoError(t, err)
	require.Equal(t, string(created), string(same), "an update to what is there already changes nothing")

	other := Adapter{Name: "zz-other", Connector: "mysql", ConnectionString: "{{ env.Y }}"}
	if changed, err := made.update(wanted.Name, other); err != nil {
		requireRefusal(t, err, created)
	} else {
		after, err := parse(changed)
		require.NoError(t, err)
		got, err := after.read(other.Name)
		require.NoError(t, err)
		require.True(t, got.Equal(other), "%+v was written, and %+v is read", other, got)
		requireOthers(t, before, after, other.Name)
	}
	deleted, err := made.delete(wanted.Name)
	require.NoError(t, err, "%q", created)
	if !saysNull {
		require.Equal(t, string(before.text), string(deleted), "made and removed: %q", created)
	}
}

// requireEdits changes and removes an adapter that was there before.
func requireEdits(t *testing.T, before *document, name string, wanted Adapter) {
	t.Helper()
	wanted.Name = name
	if changed, err := before.update(name, wanted); err != nil {
		requireRefusal(t, err, before.text)
	} else {
		after, err := parse(changed)
		require.NoError(t, err)
		got, err := after.read(name)
		require.NoError(t, err)
		require.True(t, got.Equal(wanted), "%+v was written, and %+v is read", wanted, got)
		requireOthers(t, before, after, name)
		again, err := after.update(name, wanted)
		require.NoError(t, err)
		require.Equal(t, string(changed), string(again), "an update to what is there already changes nothing")
	}
	if remaining, err := before.delete(name); err != nil {
		requireRefusal(t, err, before.text)
	} else {
		after, err := parse(remaining)
		require.NoError(t, err)
		require.NotContains(t, after.names(), name)
		requireOthers(t, before, after, name)
	}
}

// holdsNull reports whether something has no value, which is read as an empty text and written as one.
func holdsNull(node *yaml.Node) bool {
	return isNull(node) || slices.ContainsFunc(node.Content, holdsNull)
}

// The one adapter of a file of version 2 is changed: it is read back as it was written, and an update to what is there changes no byte.
func FuzzAdapterFile(f *testing.F) {
	for i, text := range []string{
		"", "connector: postgres\n", "connector: postgres\nconnection_string: '{{ env.A }}'\noptions:\n  sslmode: require # why\n  'a b': 1\n", "name: people\nconnector: 'mysql'\nconnection_string: \"x\"\n...\n",
		"{connector: redis, connection_string: a, options: {}}\n", "connector: postgres\r\noptions: ~\r\n# end", "# c\n\n---\nconnection_string: >-\n  folded\n  text\nconnector: x", "connector: &a x\nname: *a\n",
		"other: 1\nconnector: x\n", "options:\n- 1\n", "? connector\n: x\n", "connection_string: a # b\n\nconnector: x", "connector:\noptions:\n", "name: ''\nconnector: \"a\\\n  b\"\n",
	} {
		f.Add([]byte(text), "{{ env.X }}", byte(i))
		f.Add([]byte(text), "it's\n\"#: \u2028", byte(i))
	}
	f.Fuzz(func(t *testing.T, text []byte, value string, index byte) {
		if !utf8.ValidString(value) || len(text) > 4<<10 {
			return
		}
		const base = "users_db"
		before, err := parseAs(text, base)
		var was Adapter
		if err == nil {
			was, err = before.read(base)
		}
		if err != nil {
			requireRefusal(t, err, nil)
			return
		}
		if same, err := before.update(was.Name, was); err != nil {
			requireRefusal(t, err, text)
		} else if was.Connector != "" && was.ConnectionString != "" && !holdsNull(before.root) {
			require.Equal(t, string(text), string(same), "what is as wanted already stays")
		}
		wanted := Adapter{
			Name: "people", Connector: Connectors[int(index)%len(Connectors)], ConnectionString: value + hushed,
			Options: map[string]string{"sslmode": value, "a b": "1"},
		}
		changed, err := before.update(was.Name, wanted)
		if err != nil {
			requireRefusal(t, err, text)
			return
		}
		after, err := parseAs(changed, base)
		require.NoError(t, err)
		got, err := after.read(wanted.Name)
		require.NoError(t, err)
		require.True(t, got.Equal(wanted), "%+v was written, and %+v is read", wanted, got)
		again, err := after.update(wanted.Name, wanted)
		require.NoError(t, err)
		require.Equal(t, string(changed), string(again), "an update to what is there already changes nothing")
	})
}

// A variable is set, set again and removed in any .env file: the gateway's parser reads it back as it was written, the others stay, and a file
// that never had it is as it was, byte for byte. No error quotes a value.
func FuzzDotenv(f *testing.F) {
	for _, text := range []string{
		"", "# c\nA=1\n", "A=1", "A=1\r\nB=2", "export V = old # why\nB=\"2\"\n", "V=\"a\nb\" # c\nB='x\ny'\n", "V: old\n", "V=1\nV=2\n", "A='1' V='2'\n", "V=old\nB=\"a${V}b\"\n", "A=$B\nB=\\$A\n",
		"V=a#b\n", "A=\"\\\"\"\n", "A='it\\'s'\n", "A\n", "=x\n", "A=`x`\n", "\ufeffA=1\n", "A=1\rB=2\r", "export\tA=1\n", "A =1\u00a0\n", "A=${", "A-B=1\n", "A='", "HUSH=" + hushed + "\n",
	} {
		for _, value := range []string{"x y", "it's", `a"b`, "'\"$A\\", "\n", ""} {
			f.Add([]byte(text), value)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, value string) {
		const name = "ZZ_ADDED"
		if !utf8.ValidString(value) || bytes.Contains(text, []byte(name)) {
			return
		}
		_, before, err := parseDotenv(text)
		if err != nil {
			require.ErrorIs(t, err, ErrInvalidFile)
			if !strings.Contains(string(text), hushed+"=") && !strings.Contains(string(text), hushed+":") {
				require.NotContains(t, err.Error(), hushed, "%q", text)
			}
			return
		}
		with := text
		for _, value := range []string{value, hushed + value, value} {
			changed, err := withVariable(with, name, secret.New(value))
			if err != nil {
				require.True(t, errors.Is(err, ErrUnwritableValue) || errors.Is(err, ErrInvalidFile), "%v of %q", err, with)
				require.NotContains(t, err.Error(), hushed)
				return
			}
			after, err := godotenv.UnmarshalBytes(changed)
			require.NoError(t, err)
			require.Equal(t, value, after[name])
			delete(after, name)
			require.Equal(t, before, after, "%q became %q", with, changed)
			requireInsertion(t, text, changed)
			with = changed
		}
		without, err := withoutVariable(with, name)
		require.NoError(t, err, "%q", with)
		require.Equal(t, string(text), string(without), "set and removed: %q", with)
		for other := range before {
			remaining, err := withoutVariable(text, other)
			if err != nil {
				require.ErrorIs(t, err, ErrLayout)
				require.NotContains(t, err.Error(), hushed)
				continue
			}
			after, err := godotenv.UnmarshalBytes(remaining)
			require.NoError(t, err)
			require.NotContains(t, after, other)
		}
	})
}
