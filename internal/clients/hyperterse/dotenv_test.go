// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func set(t testing.TB, path, name, value string) error {
	t.Helper()
	return hyperterse.SetVariable(t.Context(), hyperterse.Variable{File: path, Name: name, Value: secret.New(value)})
}

func TestVariablesAreSetAndRemovedInPlace(t *testing.T) {
	for name, test := range map[string]struct{ before, after, removed string }{
		"an empty file":      {"", "V='x y'\n", ""},
		"at the end":         {"# c\nA=1\n\n# end\n", "# c\nA=1\n\n# end\nV='x y'\n", "# c\nA=1\n\n# end\n"},
		"no final newline":   {"A=1", "A=1\nV='x y'", "A=1"},
		"Windows":            {"A=1\r\nB=2\r\n", "A=1\r\nB=2\r\nV='x y'\r\n", "A=1\r\nB=2\r\n"},
		"Windows, no end":    {"A=1\r\nB=2", "A=1\r\nB=2\r\nV='x y'", "A=1\r\nB=2"},
		"where it stands":    {"A=1\nexport V = old # why\nB=\"2\"\n", "A=1\nexport V = 'x y' # why\nB=\"2\"\n", "A=1\nB=\"2\"\n"},
		"several lines":      {"V=\"a\nb\" # c\nB='x\ny'\n", "V='x y' # c\nB='x\ny'\n", "B='x\ny'\n"},
		"with a colon":       {"V: old\nA: 1\n", "V: 'x y'\nA: 1\n", "A: 1\n"},
		"empty":              {"V=\nA=1\n", "V='x y'\nA=1\n", "A=1\n"},
		"empty, Windows":     {"V=\r\nA=1\r\n", "V='x y'\r\nA=1\r\n", "A=1\r\n"},
		"twice, Windows":     {"A=1\r\nV=\r\nV=2", "A=1\r\nV=\r\nV='x y'", "A=1"},
		"old Mac":            {"A=1\rB=2\r", "A=1\rB=2\rV='x y'\n", "A=1\rB=2\r"},
		"the last one":       {"V=1\nA=1\nV=2\n", "V=1\nA=1\nV='x y'\n", "A=1\n"},
		"on a shared line":   {"A='1' V='2' B='3'\n", "A='1' V='x y' B='3'\n", "A='1'  B='3'\n"},
		"names alike":        {"MY_V=1\nV_2=2\n#V=3\nB='V=4'\n", "MY_V=1\nV_2=2\n#V=3\nB='V=4'\nV='x y'\n", "MY_V=1\nV_2=2\n#V=3\nB='V=4'\n"},
		"used by another":    {"V=old\nB=\"a${V}b\"\n", "V='x y'\nB=\"a${V}b\"\n", "B=\"a${V}b\"\n"},
		"a hash in the text": {"V=a#b\nA=c#d # e\n", "V='x y'\nA=c#d # e\n", "A=c#d # e\n"},
		"only one":           {"V=old", "V='x y'", ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, test.before)
			require.NoError(t, set(t, path, "V", "x y"))
			require.Equal(t, test.after, read(t, path))
			has, err := hyperterse.HasVariable(path, "V")
			require.NoError(t, err)
			require.True(t, has)
			require.NoError(t, hyperterse.RemoveVariable(t.Context(), path, "V", nil))
			require.Equal(t, test.removed, read(t, path))
			require.NoError(t, hyperterse.RemoveVariable(t.Context(), path, "V", nil), "one that is gone is no error")
			has, err = hyperterse.HasVariable(path, "V")
			require.NoError(t, err)
			require.False(t, has)
		})
	}
}

func TestHostileValuesComeBack(t *testing.T) {
	check := func(t require.TestingT, tb testing.TB, value string) {
		path := write(tb, "# c\nA='1'\n")
		require.NoError(t, set(tb, path, "V", value), "%q", value)
		values, err := godotenv.Read(path)
		require.NoError(t, err)
		require.Equal(t, map[string]string{"A": "1", "V": value}, values)
		require.True(t, strings.HasPrefix(read(tb, path), "# c\nA='1'\n"))
		require.NoError(t, hyperterse.RemoveVariable(tb.Context(), path, "V", nil))
		require.Equal(t, "# c\nA='1'\n", read(tb, path))
	}
	for _, value := range []string{
		"", " ", "x", " x ", "it's", `a"b`, `"a"`, `'a'`, `'`, `"`, `'"`, `"'`, `\`, `\\`, `a\`, `it's\`, "it's\n\\", "\"'\n\"", `'"\`,
		"$", "$A", "${A}", "$(A)", `\$A`, `\\$A`, "it's $A", "a$", "#", "a #b", "it's #b", "a=b", "export V=1", "\n", "a\nb", "it's\r\nb", "\t",
		"a\nA=2", "a\nV='b", "'\nA=2\n'", `\n`, `it's\n`, "雪", "ñ\u0085\u00a0", "`x`", "!", "%", "{}", "postgres://u:p%40$w@h/db?sslmode=verify-full",
		strings.Repeat(`'"\$`, 50),
	} {
		t.Run(value, func(t *testing.T) { check(t, t, value) })
	}
	t.Run("any", func(t *testing.T) {
		hostile := rapid.StringOfN(rapid.OneOf(rapid.RuneFrom([]rune(`'"\$#={}(A_) `+"\n\r\t雪")), rapid.Rune().Filter(func(r rune) bool { return r != 0 })), 0, 12, -1)
		rapid.Check(t, func(r *rapid.T) { check(r, t, hostile.Draw(r, "value")) })
	})
	path := write(t, "A=1\n")
	err := set(t, path, "V", "hush\x00hush")
	require.ErrorIs(t, err, hyperterse.ErrUnwritableValue)
	require.NotContains(t, err.Error(), "hush")
	require.Equal(t, "A=1\n", read(t, path))
}

// TestEveryOtherByteOfADotenvFileStays sets and removes a variable in files of every layout.
func TestEveryOtherByteOfADotenvFileStays(t *testing.T) {
	lines := rapid.SampledFrom([]string{
		"", "# plain", "  # it's \"quoted\"", "A=1", "export B = two # why", "C='it # is'", `D="a \"b\" $A ${B}"`, "E=\"two\nlines\" # end", "F='x\n\ny'", "G: yaml",
		"H=", "I=`x`", "J=a=b", "export\tK=1", "  L='雪'  ", "M='1' N='2'", "P=a#b",
	})
	value := rapid.StringOfN(rapid.RuneFrom([]rune(`ab'"\$#={} `+"\n雪")), 0, 10, -1)
	rapid.Check(t, func(r *rapid.T) {
		text := strings.Join(rapid.SliceOfN(lines, 0, 8).Draw(r, "lines"), "\n")
		if rapid.Bool().Draw(r, "final newline") {
			text += "\n"
		}
		if rapid.Bool().Draw(r, "Windows") {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		path := write(t, text)
		before, err := godotenv.Unmarshal(text)
		require.NoError(r, err)
		for range 2 {
			wanted := value.Draw(r, "value")
			require.NoError(r, set(t, path, "ADDED", wanted), "%q", text)
			after, err := godotenv.Read(path)
			require.NoError(r, err)
			require.Equal(r, wanted, after["ADDED"])
			delete(after, "ADDED")
			require.Equal(r, before, after, "%q", read(t, path))
		}
		require.NoError(r, hyperterse.RemoveVariable(t.Context(), path, "ADDED", nil))
		require.Equal(r, text, read(t, path))
	})
}

func TestDotenvFilesThatAreRefusedStayAndAreNotQuoted(t *testing.T) {
	for name, test := range map[string]struct{ text, words string }{
		"not closed":   {"A=1\nB=\"hush\n", "line 2: the quote before the value of B is not closed"},
		"no separator": {"A=1\nhush\n", "line 2: there is no = after the name"},
		"bad name":     {"A=1\nB-hush=1\n", "can't read it"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, test.text)
			_, has := hyperterse.HasVariable(path, "V")
			for _, err := range []error{set(t, path, "V", "x"), hyperterse.RemoveVariable(t.Context(), path, "V", nil), has} {
				require.ErrorIs(t, err, hyperterse.ErrInvalidFile)
				require.ErrorContains(t, err, path)
				require.ErrorContains(t, err, test.words)
				require.NotContains(t, err.Error(), "hush")
			}
			require.Equal(t, test.text, read(t, path))
		})
	}
}

func TestADotenvFileIsItsOwnersAlone(t *testing.T) {
	mode := func(path string) fs.FileMode {
		info, err := os.Stat(path)
		require.NoError(t, err)
		return info.Mode().Perm()
	}
	wide := write(t, "A=1\n")
	require.NoError(t, set(t, wide, "V", "x"))
	require.Equal(t, fs.FileMode(0o600), mode(wide))
	require.NoError(t, os.Chmod(wide, 0o640))
	require.NoError(t, set(t, wide, "V", "x"))
	require.Equal(t, fs.FileMode(0o600), mode(wide), "a file that holds the value already is closed, too")
	require.NoError(t, os.Chmod(wide, 0o400))
	require.NoError(t, set(t, wide, "V", "y"))
	require.Equal(t, fs.FileMode(0o400), mode(wide), "a narrower mode stays")

	made := filepath.Join(t.TempDir(), ".env")
	require.NoError(t, hyperterse.RemoveVariable(t.Context(), made, "V", nil))
	require.NoFileExists(t, made)
	require.NoError(t, set(t, made, "V", "x"))
	require.Equal(t, fs.FileMode(0o600), mode(made))
	require.NoError(t, set(t, made, "W", "x"))
	require.NoError(t, hyperterse.RemoveVariable(t.Context(), made, "V", nil))
	require.FileExists(t, made)
	require.NoError(t, hyperterse.RemoveVariable(t.Context(), made, "W", nil))
	require.NoFileExists(t, made, "a file that was made is removed when it is empty")
	require.NoError(t, hyperterse.RemoveVariable(t.Context(), filepath.Join(t.TempDir(), "gone", ".env"), "V", nil))
}
