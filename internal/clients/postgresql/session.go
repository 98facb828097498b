// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"regexp"
	"strconv"
	"strings"
)

// wordsOfQuery is how many words of a session's statement are told.
const wordsOfQuery = 8

// Session is one session on the server, as far as the admin may see it. A prepared transaction has no process.
type Session struct {
	PID                                      int
	User, Application, Address, State, Since string
	// Query are the first words of the last statement, up to the first literal.
	Query string
}

// String is the session in words.
func (s Session) String() string {
	if s.PID == 0 {
		return "a prepared transaction (pg_prepared_xacts lists them)"
	}
	text := "process " + strconv.Itoa(s.PID)
	for _, part := range [][2]string{{" of user ", s.User}, {", application ", quoted(s.Application)}, {" from ", s.Address}, {", ", s.State},
		{" since ", s.Since}, {", last statement: ", s.Query}} {
		if part[1] != "" {
			text += part[0] + part[1]
		}
	}
	return text
}

func quoted(name string) string {
	if name == "" {
		return ""
	}
	return strconv.Quote(name)
}

func sessions(found []Session) string {
	texts := make([]string, len(found))
	for i, session := range found {
		texts[i] = session.String()
	}
	return strings.Join(texts, "; ")
}

// firstLiteral is where a statement may begin to hold a value, or a comment that does.
var firstLiteral = regexp.MustCompile(`['$]|--|/\*|\b[0-9]`)

// firstWords cuts a statement off before its first literal, which may be a password.
func firstWords(query string) string {
	isWhole := true
	if at := firstLiteral.FindStringIndex(query); at != nil {
		query, isWhole = query[:at[0]], false
	}
	words := strings.Fields(query)
	if len(words) > wordsOfQuery {
		words, isWhole = words[:wordsOfQuery], false
	}
	text := strings.Join(words, " ")
	if !isWhole {
		text += " …"
	}
	return text
}
