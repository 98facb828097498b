// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
)

// Who shares a reading sees the place as it was until somebody of this process writes there; what is written is written to what is there.
func TestReadingsAreSharedUntilSomethingIsWritten(t *testing.T) {
	for name, place := range map[string]hyperterse.Place{
		"project": project(t, map[string]string{".hyperterse": "", "app/adapters/users_db.terse": usersFile}),
		"file":    hyperterse.ConfigFile(filepath.Join(t.TempDir(), "config.terse")),
	} {
		t.Run(name, func(t *testing.T) {
			if name == "file" {
				require.NoError(t, place.Create(t.Context(), users, nil))
			}
			readings := hyperterse.NewReadings()
			shared := readings.Share(place)
			require.Equal(t, shared, readings.Share(place), "places are comparable")
			file, err := shared.File("users_db")
			require.NoError(t, err)
			for range 3 {
				adapter, err := shared.Read("users_db")
				require.NoError(t, err)
				require.Equal(t, users, adapter)
			}
			changed := strings.Replace(read(t, file), "DATABASE_URL", "ANOTHER_URL", 1)
			require.NoError(t, os.WriteFile(file, []byte(changed), 0o600))
			adapter, err := shared.Read("users_db")
			require.NoError(t, err)
			require.Equal(t, users, adapter, "one reading for all")

			another := users
			another.Name = "orders_db"
			require.NoError(t, shared.Create(t.Context(), another, nil))
			adapter, err = shared.Read("users_db")
			require.NoError(t, err)
			require.Contains(t, adapter.ConnectionString, "ANOTHER_URL", "what somebody else wrote stays, and is seen")
			isUsed, err := shared.RefersTo("ANOTHER_URL", "orders_db")
			require.NoError(t, err)
			require.True(t, isUsed)
			require.NoError(t, shared.Check())

			if name == "project" {
				return // One file that can't be read does not stop the reading of the others.
			}
			// What can't be read is tried again.
			require.NoError(t, shared.Delete(t.Context(), "orders_db"))
			require.NoError(t, os.WriteFile(file, []byte("- broken"), 0o600))
			_, err = shared.Read("users_db")
			require.ErrorIs(t, err, hyperterse.ErrInvalidFile)
			require.NoError(t, os.WriteFile(file, []byte(changed), 0o600))
			_, err = shared.Read("users_db")
			require.NoError(t, err)
		})
	}
}

// A file that was read is opened again when it may hold something else, however it came to that.
func TestFilesThatChangeAreReadAgain(t *testing.T) {
	p := project(t, map[string]string{".hyperterse": "", "app/adapters/users_db.terse": usersFile})
	file, err := p.File("users_db")
	require.NoError(t, err)
	old := time.Now().Add(-time.Hour)
	wants := func(variable string) {
		t.Helper()
		adapter, err := p.Read("users_db")
		require.NoError(t, err)
		require.Contains(t, adapter.ConnectionString, variable)
	}
	with := func(variable string) []byte { return []byte(strings.Replace(usersFile, "DATABASE_URL", variable, 1)) }
	require.NoError(t, os.Chtimes(file, old, old))
	wants("DATABASE_URL")
	wants("DATABASE_URL")
	require.NoError(t, os.WriteFile(file, with("DATABASE_ABC"), 0o600)) // The same size, another time.
	wants("DATABASE_ABC")
	for i := range 20 { // The same size, and nearly the same time.
		variable := fmt.Sprintf("DATABASE_%03d", i)
		require.NoError(t, os.WriteFile(file, with(variable), 0o600))
		wants(variable)
	}
	require.NoError(t, os.Chtimes(file, old, old))
	wants("DATABASE_019")
	beside := filepath.Join(t.TempDir(), "new")
	require.NoError(t, os.WriteFile(beside, with("DATABASE_NEW"), 0o600))
	require.NoError(t, os.Chtimes(beside, old, old))
	require.NoError(t, os.Rename(beside, file)) // The same size and time, another file.
	wants("DATABASE_NEW")
	require.NoError(t, os.Remove(file))
	_, err = p.Read("users_db")
	require.ErrorIs(t, err, hyperterse.ErrAdapterNotFound)
}
