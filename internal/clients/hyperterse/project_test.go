// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/filetree"
)

// project makes a project of files, by their paths below its folder.
func project(t *testing.T, files map[string]string) hyperterse.Project {
	t.Helper()
	folder := t.TempDir()
	for path, content := range files {
		put(t, filepath.Join(folder, filepath.FromSlash(path)), content)
	}
	return hyperterse.Project(folder)
}

func put(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

// in gives the path of a project's file.
func in(p hyperterse.Project, path string) string {
	return filepath.Join(p.Path(), filepath.FromSlash(path))
}

const usersFile = "connector: postgres\nconnection_string: '{{ env.DATABASE_URL }}'\noptions:\n  application_name: 'it''s'\n  connect_timeout: '10'\n"

// The adapter's file is made where the settings say, and what is there already is found there.
func TestProjectIsLaidOutAsItsSettingsSay(t *testing.T) {
	elsewhere := t.TempDir()
	for name, test := range map[string]struct{ settings, folder string }{
		"nothing said":             {"name: my-api\n", "app/adapters"},
		"an empty file":            {"", "app/adapters"},
		"another root":             {"root: src\n", "src/adapters"},
		"the project itself":       {"root: .\n", "adapters"},
		"another folder":           {"adapters:\n  directory: connections/all\n", "app/connections/all"},
		"both, with spaces":        {"root: ' src '\nadapters: {directory: ' connections'}\n", "src/connections"},
		"a folder beside the root": {"adapters: {directory: ../adapters}\n", "adapters"},
		"an absolute folder":       {"adapters: {directory: '" + elsewhere + "'}\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := project(t, map[string]string{".hyperterse": test.settings})
			folder := in(p, test.folder)
			if test.folder == "" {
				folder = elsewhere
			}
			require.NoError(t, p.Check())
			_, err := p.Read("users_db")
			require.ErrorIs(t, err, hyperterse.ErrAdapterNotFound)
			require.NoError(t, p.Create(t.Context(), users, nil))
			require.Equal(t, usersFile, read(t, filepath.Join(folder, "users_db.terse")))
			found, err := p.File("users_db")
			require.NoError(t, err)
			require.Equal(t, filepath.Join(folder, "users_db.terse"), found)
			adapter, err := p.Read("users_db")
			require.NoError(t, err)
			require.Equal(t, users, adapter)
			require.ErrorIs(t, p.Create(t.Context(), users, nil), hyperterse.ErrAdapterExists)
			require.NoError(t, hyperterse.Ensure(t.Context(), p, users, nil))

			put(t, filepath.Join(folder, "deep", "er", "Sessions.TERSE"), "connector: redis\nconnection_string: redis://localhost\n")
			adapter, err = p.Read("Sessions")
			require.NoError(t, err)
			require.Equal(t, hyperterse.Adapter{Name: "Sessions", Connector: "redis", ConnectionString: "redis://localhost"}, adapter)
			require.NoError(t, p.Delete(t.Context(), "Sessions"))
			require.NoError(t, p.Delete(t.Context(), "users_db"))
			require.ErrorIs(t, p.Delete(t.Context(), "users_db"), hyperterse.ErrAdapterNotFound)
			require.Equal(t, map[string]string{".hyperterse": test.settings}, filetree.Read(t, p.Path()))
		})
	}
}

// A file says its adapter's name only where its own can't.
func TestProjectFileSaysTheNameOnlyWhereItMust(t *testing.T) {
	const other = "name: archive\nconnector: mysql\nconnection_string: x\n"
	p := project(t, map[string]string{".hyperterse": "", "app/adapters/Users_DB.terse": other})
	require.NoError(t, p.Create(t.Context(), users, nil))
	require.Equal(t, "name: users_db\n"+usersFile, read(t, in(p, "app/adapters/users_db-2.terse")), "case does not tell two files apart everywhere")
	require.Equal(t, other, read(t, in(p, "app/adapters/Users_DB.terse")))

	require.NoError(t, p.Delete(t.Context(), "archive"))
	renamed := users
	renamed.Name = "users"
	require.NoError(t, p.Update(t.Context(), "users_db", renamed, nil))
	require.Equal(t, "name: users\n"+usersFile, read(t, in(p, "app/adapters/users_db-2.terse")), "who says its name keeps its file")
}

func TestProjectRenamesTheFileInOneStep(t *testing.T) {
	text := "# ours\r\nconnector: postgres # main\r\nconnection_string: \"{{ env.DATABASE_URL }}\"\r\n\r\noptions: {connect_timeout: '10', application_name: 'it''s'}"
	p := project(t, map[string]string{".hyperterse": "", "app/adapters/team/users_db.Terse": text})
	renamed := users
	renamed.Name = "people"
	require.NoError(t, p.Update(t.Context(), "users_db", renamed, nil))
	require.Equal(t, map[string]string{".hyperterse": "", "app/adapters/team/people.Terse": text}, filetree.Read(t, p.Path()))
	renamed.Name = "People"
	require.NoError(t, p.Update(t.Context(), "people", renamed, nil))
	require.Equal(t, map[string]string{".hyperterse": "", "app/adapters/team/People.Terse": text}, filetree.Read(t, p.Path()))

	// What has the name already stops it, and where only the file name is taken, the file says the adapter's.
	put(t, in(p, "app/adapters/taken.terse"), "connector: redis\nconnection_string: x\n")
	renamed.Name = "taken"
	require.ErrorIs(t, p.Update(t.Context(), "People", renamed, nil), hyperterse.ErrAdapterExists)
	put(t, in(p, "app/adapters/team/sessions.terse"), "name: s\nconnector: redis\nconnection_string: x\n")
	renamed.Name = "sessions"
	require.NoError(t, p.Update(t.Context(), "People", renamed, nil))
	require.Equal(t, text+"\r\nname: sessions", read(t, in(p, "app/adapters/team/People.Terse")))
	adapter, err := p.Read("sessions")
	require.NoError(t, err)
	require.Equal(t, renamed, adapter)
}

// Each mistake has an error that says what it is, and nothing is touched.
func TestProjectMistakesLeaveTheFilesAlone(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside.terse")
	put(t, outside, usersFile)
	const version1 = "name: my-api\nadapters:\n  users_db:\n    connector: postgres\n    connection_string: x\n"
	for name, test := range map[string]struct {
		files map[string]string
		link  string
		want  error
		words []string
	}{
		"no .hyperterse": {map[string]string{"readme.md": ""}, "", hyperterse.ErrNoProject, nil},
		"version 1":      {map[string]string{"config.terse": version1}, "", hyperterse.ErrVersion1, []string{"config.terse"}},
		"version 1, block syntax": {
			map[string]string{"config.terse": "adapter users_db {\n  connector: postgres\n}\n"}, "", hyperterse.ErrVersion1, []string{"config.terse"},
		},
		"adapters in .hyperterse": {
			map[string]string{".hyperterse": version1}, "", hyperterse.ErrIgnoredAdapters, []string{"line 3", "users_db", filepath.Join("app", "adapters", "users_db.terse")},
		},
		"settings that can't be read": {map[string]string{".hyperterse": "root: [\n"}, "", hyperterse.ErrInvalidFile, []string{"line"}},
		"settings of the wrong kind":  {map[string]string{".hyperterse": "root: {a: b}\n"}, "", hyperterse.ErrInvalidFile, []string{"line 1"}},
		"a file in the folder's place": {
			map[string]string{".hyperterse": "", "app/adapters": "x"}, "", hyperterse.ErrInvalidFile, []string{"not a folder"},
		},
		"two files": {
			map[string]string{".hyperterse": "", "app/adapters/users_db.terse": usersFile, "app/adapters/a/b.terse": "name: users_db\n" + usersFile},
			"", hyperterse.ErrTwoFiles, []string{"users_db.terse", filepath.Join("a", "b.terse")},
		},
		"unknown field": {
			map[string]string{".hyperterse": "", "app/adapters/users_db.terse": usersFile + "use: x\n"}, "", hyperterse.ErrInvalidFile, []string{"line 6", `"use"`},
		},
		"an empty file": {
			map[string]string{".hyperterse": "", "app/adapters/users_db.terse": "# to do\n"}, "", hyperterse.ErrInvalidFile, []string{"empty"},
		},
		"anchors": {
			map[string]string{".hyperterse": "", "app/adapters/users_db.terse": "connector: &a postgres\nconnection_string: *a\n"}, "", hyperterse.ErrAlias, []string{"line 1"},
		},
		"a file whose name can't be told": {
			map[string]string{".hyperterse": "", "app/adapters/other.terse": "a: [\n"}, "", hyperterse.ErrInvalidFile, []string{"other.terse"},
		},
		"a link that leads out": {map[string]string{".hyperterse": ""}, outside, hyperterse.ErrOutside, []string{"users_db.terse", outside}},
		"a link to nowhere":     {map[string]string{".hyperterse": ""}, "nowhere.terse", hyperterse.ErrInvalidFile, []string{"leads nowhere"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := project(t, test.files)
			if test.link != "" {
				require.NoError(t, os.MkdirAll(in(p, "app/adapters"), 0o750))
				require.NoError(t, os.Symlink(test.link, in(p, "app/adapters/users_db.terse")))
			}
			var before map[string]string
			if test.link == "" {
				before = filetree.Read(t, p.Path())
			}
			changed := users
			changed.ConnectionString = "changed"
			for _, err := range []error{
				p.Create(t.Context(), users, nil), p.Update(t.Context(), "users_db", changed, nil), p.Delete(t.Context(), "users_db"),
			} {
				require.ErrorIs(t, err, test.want)
				for _, word := range test.words {
					require.ErrorContains(t, err, word)
				}
			}
			_, err := p.Read("users_db")
			require.ErrorIs(t, err, test.want)
			if test.link == "" {
				require.Equal(t, before, filetree.Read(t, p.Path()))
			}
			require.Equal(t, usersFile, read(t, outside))
		})
	}
}

func TestPathOfTheOtherVersionSaysSo(t *testing.T) {
	p := project(t, map[string]string{".hyperterse": "", "app/adapters/users_db.terse": usersFile, "config.terse": "adapters:\n  a:\n    connector: redis\n"})
	for _, path := range []string{p.Path(), in(p, ".hyperterse"), in(p, "app/adapters/users_db.terse")} {
		before := filetree.Read(t, p.Path())
		file := hyperterse.ConfigFile(path)
		_, err := file.Read("users_db")
		for _, err := range []error{err, file.Check(), file.Create(t.Context(), users, nil), file.Update(t.Context(), "users_db", users, nil), file.Delete(t.Context(), "users_db")} {
			require.ErrorIs(t, err, hyperterse.ErrVersion2, path)
			require.ErrorContains(t, err, "the project is "+p.Path())
		}
		require.Equal(t, before, filetree.Read(t, p.Path()))
	}
	require.ErrorIs(t, hyperterse.Project(in(p, "config.terse")).Check(), hyperterse.ErrVersion1)
	err := hyperterse.Project(in(p, ".hyperterse")).Check()
	require.ErrorIs(t, err, hyperterse.ErrNoProject)
	require.ErrorContains(t, err, "the folder of that file, "+p.Path())
	require.ErrorIs(t, hyperterse.Project(in(p, "app/adapters/users_db.terse")).Check(), hyperterse.ErrNoProject)
	require.ErrorIs(t, hyperterse.Project(filepath.Join(p.Path(), "nowhere")).Check(), hyperterse.ErrNoProject)
	_, err = hyperterse.Project(filepath.Join(p.Path(), "nowhere")).Read("a")
	require.ErrorIs(t, err, hyperterse.ErrAdapterNotFound, "where there is no project, its adapters are gone")
}

// A folder of adapters that is a link is one that the server finds nothing in; a link within the project is followed.
func TestLinksOfAProject(t *testing.T) {
	p := project(t, map[string]string{".hyperterse": "", "shared/users.yaml": usersFile, "app/real/x.terse": usersFile})
	require.NoError(t, os.Symlink("real", in(p, "app/adapters")))
	require.ErrorIs(t, p.Check(), hyperterse.ErrInvalidFile)
	require.ErrorContains(t, p.Check(), "symbolic link")
	require.NoError(t, os.Remove(in(p, "app/adapters")))

	require.NoError(t, os.Mkdir(in(p, "app/adapters"), 0o750))
	require.NoError(t, os.Symlink("../../shared/users.yaml", in(p, "app/adapters/users_db.terse")))
	changed := users
	changed.ConnectionString = "changed"
	require.NoError(t, p.Update(t.Context(), "users_db", changed, nil))
	target, err := os.Readlink(in(p, "app/adapters/users_db.terse"))
	require.NoError(t, err)
	require.Equal(t, "../../shared/users.yaml", target, "the link stays one")
	require.Contains(t, read(t, in(p, "shared/users.yaml")), "'changed'")
	require.NoError(t, p.Delete(t.Context(), "users_db"))
	require.NoFileExists(t, in(p, "app/adapters/users_db.terse"))
	require.FileExists(t, in(p, "shared/users.yaml"))
}

func TestProjectSetsTheVariableFirstAndPutsItBack(t *testing.T) {
	p := project(t, map[string]string{".hyperterse": "", ".env": "DATABASE_URL=old\n"})
	variable := &hyperterse.Variable{File: p.DotenvFile(), Name: "DATABASE_URL", Value: secret.New("new")}
	put(t, in(p, "app/adapters/users_db.terse"), usersFile)
	require.ErrorIs(t, p.Create(t.Context(), users, variable), hyperterse.ErrAdapterExists)
	require.Equal(t, "DATABASE_URL=old\n", read(t, p.DotenvFile()))
	require.NoError(t, p.Delete(t.Context(), "users_db"))
	require.NoError(t, os.Remove(in(p, "app/adapters")))
	require.NoError(t, os.WriteFile(in(p, "app/adapters"), nil, 0o600)) // The folder can't be made.
	require.Error(t, p.Create(t.Context(), users, variable))
	require.Equal(t, "DATABASE_URL=old\n", read(t, p.DotenvFile()))
	require.NoError(t, os.Remove(in(p, "app/adapters")))
	require.NoError(t, p.Create(t.Context(), users, variable))
	require.Equal(t, "DATABASE_URL='new'\n", read(t, p.DotenvFile()))
	isUsed, err := p.RefersTo("DATABASE_URL", "users_db")
	require.NoError(t, err)
	require.False(t, isUsed)
	isUsed, err = p.RefersTo("DATABASE_URL", "other")
	require.NoError(t, err)
	require.True(t, isUsed)
}

func TestWhatNamesAnAdapter(t *testing.T) {
	p := project(t, map[string]string{
		".hyperterse": "tools: {directory: all}\n", "app/all/a/config.terse": "use: users_db\n", "app/all/b/c/Config.TERSE": "use: ' users_db '\n",
		"app/all/d/config.terse": "use: other\n", "app/all/e/config.terse": "use: [\n", "app/all/f/notes.terse": "use: users_db\n",
	})
	found, err := p.Uses("users_db")
	require.NoError(t, err)
	require.Equal(t, []string{in(p, "app/all/a/config.terse"), in(p, "app/all/b/c/Config.TERSE")}, found)

	file := hyperterse.ConfigFile(write(t, "adapters: {users_db: {connector: redis}}\nqueries:\n  one: {use: users_db}\n  two:\n    use: [other, users_db]\n  three: {use: other}\n  four: x\n"))
	found, err = file.Uses("users_db")
	require.NoError(t, err)
	require.Equal(t, []string{"query one", "query two"}, found)
}

func TestMovesBetweenVersions(t *testing.T) {
	file := hyperterse.ConfigFile(write(t, "# kept\nname: my-api\nadapters:\n  users_db: {connector: redis, connection_string: x}\n"))
	p := project(t, map[string]string{".hyperterse": ""})
	require.NoError(t, hyperterse.Move(t.Context(), file, "users_db", p, users, nil))
	require.Equal(t, usersFile, read(t, in(p, "app/adapters/users_db.terse")))
	_, err := file.Read("users_db")
	require.ErrorIs(t, err, hyperterse.ErrAdapterNotFound)
	require.Contains(t, read(t, file.Path()), "# kept\nname: my-api\n")
	require.NoError(t, hyperterse.Move(t.Context(), p, "users_db", file, users, nil))
	require.NoFileExists(t, in(p, "app/adapters/users_db.terse"))
	adapter, err := file.Read("users_db")
	require.NoError(t, err)
	require.Equal(t, users, adapter)
}

// Whoever reads while an adapter is renamed, and others come and go, finds it under one name or the other.
func TestProjectIsReadWhileItChanges(t *testing.T) {
	p := project(t, map[string]string{".hyperterse": "", "app/adapters/a.terse": usersFile})
	ended := make(chan error, 1)
	go func() {
		names := []string{"a", "b"}
		for i := range 300 {
			renamed := users
			renamed.Name = names[(i+1)%2]
			if err := p.Update(t.Context(), names[i%2], renamed, nil); err != nil {
				ended <- err
				return
			}
			if err := p.Create(t.Context(), users, nil); err != nil {
				ended <- err
				return
			}
			if err := p.Delete(t.Context(), users.Name); err != nil {
				ended <- err
				return
			}
		}
		ended <- nil
	}()
	for reads := 0; ; reads++ {
		select {
		case err := <-ended:
			require.NoError(t, err)
			require.Positive(t, reads)
			return
		default:
		}
		require.NoError(t, p.Check())
		isUsed, err := p.RefersTo("DATABASE_URL", users.Name)
		require.NoError(t, err)
		require.True(t, isUsed)
	}
}
