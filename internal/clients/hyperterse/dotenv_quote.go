// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import "strings"

// escaper escapes what godotenv v1.5.1 unescapes between double quotes.
var escaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "\n", `\n`, "\r", `\r`)

// encodings gives ways to write a value, the most readable first. Each is right for some values only, so whoever uses one
// parses the result: a quote after a backslash never ends a value, and quotes at the ends of a quoted value are dropped.
func encodings(value string) []string {
	if strings.ContainsRune(value, 0) {
		return nil // No environment can hold it.
	}
	escaped := escaper.Replace(value)
	return []string{
		"'" + value + "'",
		`"` + escaped + `"`,
		strings.ReplaceAll(value, "$", `\$`),
		// The first of two quotes after a backslash is skipped as the end and then dropped as a quote at the end.
		`"` + escaped + `""`,
		// A variable that no file sets is replaced by nothing, and keeps the value's last character off the quote.
		`"` + escaped + "${_}\"",
	}
}
