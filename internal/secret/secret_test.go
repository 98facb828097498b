// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func TestStringIsRedactedEverywhere(t *testing.T) {
	const clear = "hunter2"
	s := secret.New(clear)
	holder := struct {
		Password secret.String
		Pointer  *secret.String
		hidden   secret.String
	}{s, &s, s}

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		require.NotContains(t, fmt.Sprintf(verb, s), clear, verb)
		require.NotContains(t, fmt.Sprintf(verb, holder), clear, verb)
		require.NotContains(t, fmt.Sprintf(verb, &holder), clear, verb)
		require.NotContains(t, fmt.Sprintf(verb, []secret.String{s}), clear, verb)
		require.NotContains(t, fmt.Sprintf(verb, map[string]secret.String{"a": s}), clear, verb)
		require.NotContains(t, fmt.Errorf("wrapped "+verb, s).Error(), clear, verb)
	}

	encoded, err := json.Marshal(holder)
	require.NoError(t, err)
	require.NotContains(t, string(encoded), clear)

	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("login", "password", s, "holder", holder)
	require.NotContains(t, logged.String(), clear)

	require.Equal(t, clear, s.Reveal())
	require.False(t, s.IsEmpty())
	require.True(t, secret.String{}.IsEmpty())
}

func TestGenerate(t *testing.T) {
	seen := map[string]bool{}
	letters := map[rune]bool{}
	for range 1000 {
		text := secret.Generate(secret.DefaultLength).Reveal()
		require.Regexp(t, "^[A-Za-z0-9]{40}$", text)
		require.False(t, seen[text], "drawn twice")
		seen[text] = true
		for _, letter := range text {
			letters[letter] = true
		}
	}
	require.Len(t, letters, 62, "every character of the alphabet comes up")
	require.Len(t, secret.Generate(16).Reveal(), 16)
}
