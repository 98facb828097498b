// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLicencesAreToldApart(t *testing.T) {
	own, err := os.ReadFile(filepath.Join("..", "..", "..", "LICENSE"))
	require.NoError(t, err)
	folder := func(name, content string) string {
		made := t.TempDir()
		if name != "" {
			require.NoError(t, os.WriteFile(filepath.Join(made, name), []byte(content), 0o600))
		}
		return made
	}
	const free = `This program is free software: you can redistribute it and/or modify it under the terms of the GNU Affero General Public License as
published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.

This program is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied warranty of MERCHANTABILITY
or FITNESS FOR A PARTICULAR PURPOSE. See the GNU Affero General Public License for more details.

You should have received a copy of the GNU Affero General Public License along with this program. If not, see <https://www.gnu.org/licenses/>.`

	rows, err := table(map[string][]string{"example.com/a": {folder("LICENSE", string(own)), folder("", "")}})
	require.NoError(t, err)
	require.Equal(t, []Row{{"example.com/a", "MPL-2.0"}}, rows)
	for want, folders := range map[string][]string{
		"example.com/b has no licence that is known":            {folder("README.md", string(own))},
		"example.com/b: no licence that is known is in LICENCE": {folder("LICENCE", "All rights reserved.")},
		"which is not on the list":                              {folder("LICENSE", string(own)), folder("COPYING", free)},
	} {
		_, err := table(map[string][]string{"example.com/b": folders})
		require.ErrorContains(t, err, want)
	}
}
