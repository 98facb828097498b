// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
)

var (
	words    = rapid.SampledFrom([]string{"a", "b-c", "Ünï", "雪", "x9", "'q k'", `"d \" k"`, "yes", "7"})
	comments = rapid.SampledFrom([]string{"", "", " # plain", " # it's {[ \"", "  # 雪: - "})
	scalars  = rapid.SampledFrom([]string{
		"x", "'it''s # no'", `"a \" b"`, "12", "true", "~", "'{{ env.X }}'", "[1, 'b]', {c: \"}\"}]", "{k: v, 'l': [1]}", "&%d {m: 1}", "*%d", "{<<: *%d, k: v}",
		"|\n%s    text # of it\n%s    # text\n", "|+\n%s    kept\n\n", ">-\n%s    folded\n%s     more\n", "", "plain\n%s   goes on",
	})
)

// generator builds valid files piece by piece.
type generator struct {
	t      *rapid.T
	anchor int
	// step is the file's step of indentation.
	step int
}

func (g *generator) bool() bool { return rapid.Bool().Draw(g.t, "bool") }

// entry gives a key with a scalar or a nested map, at an indentation.
func (g *generator) entry(key string, indent, depth int) string {
	margin := strings.Repeat(" ", indent)
	var out strings.Builder
	for range rapid.IntRange(0, 2).Draw(g.t, "lines before") {
		out.WriteString(rapid.SampledFrom([]string{"\n", margin + "# " + key + "\n", "# outdented\n", "   \n"}).Draw(g.t, "between"))
	}
	if depth > 0 && g.bool() {
		out.WriteString(margin + key + ":" + comments.Draw(g.t, "comment") + "\n")
		used := map[string]bool{}
		for range rapid.IntRange(1, 3).Draw(g.t, "entries") {
			if child := words.Draw(g.t, "key"); !used[child] {
				used[child] = true
				out.WriteString(g.entry(child, indent+g.step, depth-1))
			}
		}
		return out.String()
	}
	scalar := scalars.Draw(g.t, "scalar")
	switch {
	case strings.HasPrefix(scalar, "&"):
		g.anchor++
		scalar = fmt.Sprintf("&n%d {m: 1}", g.anchor)
	case strings.Contains(scalar, "*%d") && g.anchor == 0:
		scalar = "no anchor yet"
	case strings.Contains(scalar, "*%d"):
		scalar = strings.Replace(scalar, "*%d", fmt.Sprintf("*n%d", g.anchor), 1)
	}
	scalar = strings.ReplaceAll(scalar, "%s", margin)
	out.WriteString(strings.TrimRight(margin+key+": "+scalar, " "))
	if !strings.Contains(scalar, "\n") {
		out.WriteString(comments.Draw(g.t, "comment"))
	}
	if !strings.HasSuffix(out.String(), "\n") {
		out.WriteString("\n")
	}
	return out.String()
}

// adapters gives the key adapters in one of its layouts, or nothing.
func (g *generator) adapters() string {
	switch rapid.SampledFrom([]string{"block", "block", "block", "none", "empty", "flow", "no flow"}).Draw(g.t, "layout") {
	case "none":
		return ""
	case "empty":
		return "adapters:" + comments.Draw(g.t, "comment") + "\n"
	case "no flow":
		return "adapters: {}\n"
	case "flow":
		return rapid.SampledFrom([]string{
			"adapters: { a: {connector: x}, \"b\": { c: 'd, }' } } # end\n",
			"adapters: {\n  a: {connector: x}, # one\n  b: {connector: \"y\"}, # two\n}\n",
		}).Draw(g.t, "flow")
	}
	text := "adapters:" + comments.Draw(g.t, "comment") + "\n"
	used := map[string]bool{}
	for range rapid.IntRange(1, 4).Draw(g.t, "adapters") {
		if key := words.Draw(g.t, "adapter"); !used[key] {
			used[key] = true
			text += g.entry(key, g.step, 2)
		}
	}
	return text
}

// file gives a whole file: other keys before and after the adapters.
func (g *generator) file() string {
	var text string
	used := map[string]bool{}
	others := func() {
		for range rapid.IntRange(0, 3).Draw(g.t, "others") {
			if key := words.Draw(g.t, "other"); !used[key] {
				used[key] = true
				text += g.entry(key, 0, 2)
			}
		}
	}
	others()
	text += g.adapters()
	others()
	if g.bool() && !strings.HasSuffix(text, "\n\n") {
		text = strings.TrimSuffix(text, "\n")
	}
	if g.bool() {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

var adapters = rapid.Custom(func(t *rapid.T) hyperterse.Adapter {
	value := rapid.OneOf(rapid.SampledFrom([]string{"{{ env.X }}", "it's", "a: b # c", " x ", "- y", "~", "12", "tab\t", "two\nlines", "雪\u2028"}), rapid.StringN(1, 12, -1))
	options := rapid.MapOfN(rapid.SampledFrom([]string{"sslmode", "a.b", "maxPoolSize", "true", "x y", "#"}), value, 0, 3).Draw(t, "options")
	if len(options) == 0 {
		options = nil
	}
	return hyperterse.Adapter{
		Name:             rapid.SampledFrom([]string{"zz", "users_db", "null"}).Draw(t, "name"),
		Connector:        rapid.SampledFrom(hyperterse.Connectors).Draw(t, "connector"),
		ConnectionString: value.Draw(t, "connection string"), Options: options,
	}
})

// TestEveryOtherByteStays makes, changes and deletes an adapter in files of every layout.
func TestEveryOtherByteStays(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		g := &generator{t: r, step: rapid.IntRange(1, 4).Draw(r, "step")}
		before := g.file()
		path := write(t, before)
		first, second := adapters.Draw(r, "first"), adapters.Draw(r, "second")
		require.NoError(r, hyperterse.ConfigFile(path).Create(t.Context(), first, nil), "%q", before)
		requireAdapter(r, path, first)
		created := read(t, path)
		requireInserted(r, before, created)

		second.Name = first.Name
		require.NoError(r, hyperterse.ConfigFile(path).Update(t.Context(), first.Name, second, nil), "%q", created)
		requireAdapter(r, path, second)
		changed := read(t, path)
		requireSurrounded(r, before, created, changed)

		require.NoError(r, hyperterse.ConfigFile(path).Update(t.Context(), first.Name, second, nil))
		require.Equal(r, changed, read(t, path), "an update to what is there already changes nothing")

		second.Name = "other-name"
		require.NoError(r, hyperterse.ConfigFile(path).Update(t.Context(), first.Name, second, nil), "%q", changed)
		requireAdapter(r, path, second)
		requireSurrounded(r, before, created, read(t, path))

		require.NoError(r, hyperterse.ConfigFile(path).Delete(t.Context(), second.Name), "%q", changed)
		require.Equal(r, before, read(t, path), "made, changed and deleted: %q", changed)
	})
}

// TestAnAdapterInTheMiddleGoesAsIfItHadNeverBeen makes adapters in some order, takes one of them out again, and compares
// with a file that never had it.
func TestAnAdapterInTheMiddleGoesAsIfItHadNeverBeen(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		g := &generator{t: r, step: rapid.IntRange(1, 4).Draw(r, "step")}
		text := g.file()
		with, without := write(t, text), write(t, text)
		names := rapid.Permutation([]string{"one", "two", "three", "four"}).Draw(r, "order")
		// Where nothing is left, what the first adapter brought with it goes as well: the first one stays.
		gone := rapid.SampledFrom(names[1:]).Draw(r, "gone")
		made := map[string]hyperterse.Adapter{}
		for _, name := range names {
			adapter := adapters.Draw(r, name)
			adapter.Name = name
			made[name] = adapter
			require.NoError(r, hyperterse.ConfigFile(with).Create(t.Context(), adapter, nil), "%q", text)
			if name != gone {
				require.NoError(r, hyperterse.ConfigFile(without).Create(t.Context(), adapter, nil), "%q", text)
			}
		}
		changed := adapters.Draw(r, "changed")
		changed.Name = gone
		whole := read(t, with)
		require.NoError(r, hyperterse.ConfigFile(with).Update(t.Context(), gone, changed, nil), "%q", whole)
		for _, name := range names {
			if name != gone {
				requireAdapter(r, with, made[name])
			}
		}
		require.NoError(r, hyperterse.ConfigFile(with).Delete(t.Context(), gone), "%q", whole)
		require.Equal(r, read(t, without), read(t, with), "%q", whole)
	})
}

func requireAdapter(r *rapid.T, path string, want hyperterse.Adapter) {
	got, err := hyperterse.ConfigFile(path).Read(want.Name)
	require.NoError(r, err)
	require.Equal(r, want, got)
}

// requireInserted checks that a text is another one with something put in at one place.
func requireInserted(r *rapid.T, before, after string) {
	prefix := commonPrefix(before, after)
	require.True(r, strings.HasSuffix(after, before[prefix:]), "%q does not hold all of %q", after, before)
}

// requireSurrounded checks that a change of an adapter happened where it had been put in.
func requireSurrounded(r *rapid.T, before, created, changed string) {
	head := commonPrefix(before, created)
	tail := before[head:]
	require.Equal(r, created[:head], changed[:head])
	require.True(r, strings.HasSuffix(changed, tail), "%q does not end with %q", changed, tail)
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// field gives a field of an adapter's own file, as somebody may have written it: what stands before it, and its lines.
func (g *generator) field(key string, value []string) (before, lines string) {
	for range rapid.IntRange(0, 2).Draw(g.t, "lines before") {
		before += rapid.SampledFrom([]string{"\n", "# it's {[ \"\n", "   \n", "  # 雪: -\n"}).Draw(g.t, "between")
	}
	comment := comments.Draw(g.t, "comment")
	if key != "options" {
		return before, key + ": " + value[0] + comment + "\n"
	}
	if g.bool() {
		return before, "options: { " + strings.Join(value, ", ") + " }" + comment + "\n"
	}
	lines = "options:" + comment + "\n"
	for _, option := range value {
		lines += strings.Repeat(" ", g.step) + option + comments.Draw(g.t, "comment") + "\n"
	}
	return before, lines
}

// TestEveryOtherByteOfAnAdaptersFileStays changes one field of a file of version 2, in every layout, and changes it back.
func TestEveryOtherByteOfAnAdaptersFileStays(t *testing.T) {
	style := rapid.SampledFrom([]string{"'%s'", `"%s"`})
	rapid.Check(t, func(r *rapid.T) {
		g := &generator{t: r, step: rapid.IntRange(1, 4).Draw(r, "step")}
		quoted := func(text string) string { return fmt.Sprintf(style.Draw(r, "style"), text) }
		was := hyperterse.Adapter{
			Name: "users_db", Connector: "postgres", ConnectionString: "{{ env.A }}", Options: map[string]string{"sslmode": "require", "a b": "1"},
		}
		written := map[string][]string{
			"connector":         {rapid.SampledFrom([]string{"postgres", "'postgres'", `"postgres"`}).Draw(r, "connector")},
			"connection_string": {quoted("{{ env.A }}")},
			"options":           {"sslmode: " + quoted("require"), quoted("a b") + ": 1"},
			"name":              {quoted("users_db")},
		}
		keys := rapid.Permutation([]string{"connector", "connection_string", "options"}).Draw(r, "order")
		file := "users_db.terse"
		if g.bool() {
			keys, file = rapid.Permutation(append(keys, "name")).Draw(r, "order with name"), "primary-db.terse"
		}
		touched := rapid.SampledFrom(keys).Draw(r, "touched")
		var head, own, tail string
		for _, key := range keys {
			before, lines := g.field(key, written[key])
			switch {
			case key == touched:
				head += before
				own = lines
			case own == "":
				head += before + lines
			default:
				tail += before + lines
			}
		}
		if g.bool() {
			tail += rapid.SampledFrom([]string{"\n", "# the end\n", "...\n"}).Draw(r, "end")
		} else if tail != "" {
			tail = strings.TrimSuffix(tail, "\n")
		}
		if g.bool() {
			crlf := func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
			head, own, tail = crlf(head), crlf(own), crlf(tail)
		}
		before := head + own + tail
		p := project(t, map[string]string{".hyperterse": "", "app/adapters/" + file: before})
		require.NoError(r, p.Update(t.Context(), was.Name, was, nil), "%q", before)
		path, err := p.File(was.Name)
		require.NoError(r, err)
		require.Equal(r, before, read(t, path), "what is as wanted already stays")

		now := was
		switch touched {
		case "connector":
			now.Connector = "mysql"
		case "connection_string":
			now.ConnectionString = "{{ env.B }}"
		case "options":
			now.Options = map[string]string{"sslmode": "disable", "a b": "1"}
		case "name":
			now.Name = "people"
		}
		require.NoError(r, p.Update(t.Context(), was.Name, now, nil), "%q", before)
		adapter, err := p.Read(now.Name)
		require.NoError(r, err)
		require.Equal(r, now, adapter)
		changed := read(t, path)
		require.NotEqual(r, before, changed)
		require.True(r, strings.HasPrefix(changed, head) && strings.HasSuffix(changed, tail), "%q became %q", before, changed)
		require.NoError(r, p.Update(t.Context(), now.Name, was, nil))
		require.Equal(r, before, read(t, path), "changed, and changed back")

		// Other values altogether, and options that come and go.
		other := adapters.Draw(r, "other")
		require.NoError(r, p.Update(t.Context(), was.Name, other, nil), "%q", before)
		adapter, err = p.Read(other.Name)
		require.NoError(r, err)
		require.Equal(r, other, adapter)
	})
}
