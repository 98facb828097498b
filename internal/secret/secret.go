// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package secret holds the type in which secrets travel between packages.
package secret

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a String prints as.
const Redacted = "(redacted)"

// String is a text that no formatting verb, JSON encoder or logger shows. The zero value is the empty secret.
//
// The text stands behind a pointer because fmt does not ask the methods of a value in an unexported field: it would
// print a text there, and of a pointer it prints the address.
type String struct{ value *string }

// New wraps a clear text.
func New(value string) String { return String{value: &value} }

// Reveal returns the clear text. Call it only where the text leaves the process towards its one receiver.
func (s String) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsEmpty reports whether there is no text.
func (s String) IsEmpty() bool { return s.Reveal() == "" }

// String implements fmt.Stringer.
func (s String) String() string { return Redacted }

// Format implements fmt.Formatter: every verb and flag gives the same redacted text.
func (s String) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, Redacted) }

// MarshalJSON implements json.Marshaler.
func (s String) MarshalJSON() ([]byte, error) { return json.Marshal(Redacted) }

// MarshalText implements encoding.TextMarshaler.
func (s String) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// LogValue implements slog.LogValuer.
func (s String) LogValue() slog.Value { return slog.StringValue(Redacted) }
