// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapter_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/adapter"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/filetree"
)

const (
	cliApply = "apply -auto-approve -no-color -input=false"
	cliPlan  = "plan -no-color -input=false"
	// inProject has the default .env file.
	inProject = minimal + `dotenv = { variable = "DATABASE_URL", value_wo = "s3cret-of-the-project", value_wo_version = 1 }`
	// dotenvFile is the .env file that the provider makes for it.
	dotenvFile = "# Made by Terraform, which removes this file when nothing else is left in it.\nDATABASE_URL='s3cret-of-the-project'\n"
	usersFile  = "connector: postgres\nconnection_string: '{{ env.DATABASE_URL }}'\n"
)

// gateway is a workspace with a project of Hyperterse 2 in its folder gateway.
type gateway struct {
	*acctest.Workspace
	t *testing.T
}

func newGateway(t *testing.T, hcl string, project map[string]string) gateway {
	t.Helper()
	g := gateway{acctest.NewWorkspace(t, hcl), t}
	for path, content := range project {
		g.put("gateway/"+path, content)
	}
	return g
}

func (g gateway) path(name string) string { return filepath.Join(g.Dir, filepath.FromSlash(name)) }

func (g gateway) put(name, content string) {
	g.t.Helper()
	require.NoError(g.t, os.MkdirAll(filepath.Dir(g.path(name)), 0o750))
	require.NoError(g.t, os.WriteFile(g.path(name), []byte(content), 0o600))
}

// contents gives the files of a folder, by their paths below it.
func (g gateway) contents(folder string) map[string]string {
	g.t.Helper()
	return filetree.Read(g.t, g.path(folder))
}

// must runs the CLI, and gives what it printed on one line.
func (g gateway) must(command string) string {
	g.t.Helper()
	return acctest.Plain(g.Must(strings.Fields(command)...))
}

// refused runs the CLI, which has to fail, and gives what it printed on one line.
func (g gateway) refused(command string) string {
	g.t.Helper()
	result, err := g.Run(g.t.Context(), strings.Fields(command)...)
	require.NoError(g.t, err)
	require.Equal(g.t, 1, result.ExitCode, result.Output)
	return acctest.Plain(result.Output)
}

func at(attribute, path, body string) string {
	return fmt.Sprintf("resource %q \"test\" {\n  %s = %q\n%s\n}\n", adapter.TypeName, attribute, path, body)
}

func TestAccAdapterInAProject(t *testing.T) {
	const settings = "name: my-api\nroot: src\nadapters:\n  directory: connections\n"
	project := map[string]string{".hyperterse": settings, "src/connections/team/Cache.TERSE": "connector: redis\nconnection_string: x # theirs\n"}
	output := "\noutput \"file\" { value = terrascale_adapter.test.file }\noutput \"dotenv\" { value = terrascale_adapter.test.dotenv.file }\n"
	g := newGateway(t, at("project", "./gateway", inProject)+output, project)
	g.must(cliApply)
	made := map[string]string{"src/connections/users_db.terse": usersFile, ".env": dotenvFile}
	for path, content := range project {
		made[path] = content
	}
	require.Equal(t, made, g.contents("gateway"))
	require.Equal(t, "gateway/src/connections/users_db.terse", g.must("output -raw file"))
	require.Equal(t, "gateway/.env", g.must("output -raw dotenv"))
	require.Contains(t, g.must(cliPlan), "No changes.")
	require.NotContains(t, g.contents(".")["terraform.tfstate"], "s3cret-of-the-project")

	// What somebody writes into the file stays, and their change of a value is drift.
	g.put("gateway/src/connections/users_db.terse", "# ours\r\nconnection_string: \"{{ env.OTHER }}\" # by hand\r\nconnector: postgres")
	require.Contains(t, g.must(cliPlan), `~ connection_string = "{{ env.OTHER }}" -> "{{ env.DATABASE_URL }}"`)
	g.must(cliApply)
	made["src/connections/users_db.terse"] = "# ours\r\nconnection_string: \"{{ env.DATABASE_URL }}\" # by hand\r\nconnector: postgres"
	require.Equal(t, made, g.contents("gateway"))

	// A file that is gone is made again, and so is the variable.
	require.NoError(t, os.Remove(g.path("gateway/src/connections/users_db.terse")))
	g.must(cliApply)
	made["src/connections/users_db.terse"] = usersFile
	require.Equal(t, made, g.contents("gateway"))
	require.NoError(t, os.Remove(g.path("gateway/.env")))
	g.must(cliApply)
	require.Equal(t, made, g.contents("gateway"))

	g.must("destroy -auto-approve -no-color -input=false")
	require.Equal(t, project, g.contents("gateway"))
}

// The folder of another checkout has other absolute paths, and is no change.
func TestAccAdapterInAProjectOfAnotherCheckout(t *testing.T) {
	configuration := strings.Replace(at("project", "HERE", inProject), `"HERE"`, `"${path.cwd}/gateway"`, 1)
	project := map[string]string{".hyperterse": ""}
	first := newGateway(t, configuration, project)
	first.must(cliApply)
	second := newGateway(t, configuration, project)
	for path, content := range first.contents("gateway") {
		second.put("gateway/"+path, content)
	}
	second.put("terraform.tfstate", first.contents(".")["terraform.tfstate"])
	require.NoError(t, os.RemoveAll(first.path("gateway")))
	require.Contains(t, second.must(cliPlan), "No changes.")
	second.Configure(strings.Replace(configuration, "postgres", "mysql", 1))
	second.must(cliApply)
	require.Contains(t, second.contents("gateway")["app/adapters/users_db.terse"], "connector: mysql")
	require.NoDirExists(t, first.path("gateway"))
}

func TestAccAdapterOfAProjectIsImported(t *testing.T) {
	const theirFile = "# ours\nname: users_db # the old name\nconnector: postgres\nconnection_string: '{{ env.DATABASE_URL }}'\noptions: { connect_timeout: 5, keepalives: true }\n"
	project := map[string]string{".hyperterse": "", "app/adapters/primary-db.terse": theirFile, "app/tools/get/config.terse": "use: users_db\n"}
	g := newGateway(t, fmt.Sprintf("import {\n  to = %s\n  id = \"./gateway#users_db\"\n}\n", address), project)
	g.must("plan -no-color -input=false -generate-config-out=generated.tf")
	generated := g.contents(".")["generated.tf"]
	require.Contains(t, generated, `"./gateway"`)
	require.Contains(t, g.must(cliPlan), "1 to import, 0 to add, 0 to change, 0 to destroy")
	g.must(cliApply)
	require.Contains(t, g.must(cliPlan), "No changes.")
	require.Equal(t, project, g.contents("gateway"))

	// The file says its adapter's name itself, so that a rename changes that. Who names the old one is listed.
	g.put("generated.tf", strings.Replace(generated, `"users_db"`, `"people"`, 1))
	printed := g.must(cliPlan)
	require.Contains(t, printed, "1 to change")
	require.Contains(t, printed, "Warning: Adapter in use: users_db")
	require.Contains(t, printed, `is "people" from now on`)
	require.Contains(t, printed, "- gateway/app/tools/get/config.terse")
	g.must(cliApply)
	project["app/adapters/primary-db.terse"] = strings.Replace(theirFile, "name: users_db", "name: people", 1)
	require.Equal(t, project, g.contents("gateway"))
	require.Contains(t, g.must(cliPlan), "No changes.")
}

func TestAccAdapterOfAProjectIsRenamedAndMoved(t *testing.T) {
	g := newGateway(t, at("project", "gateway", inProject), map[string]string{".hyperterse": "", "app/tools/a/config.terse": "use: users_db\n"})
	g.put("other/.hyperterse", "root: .\n")
	g.must(cliApply)
	g.put("gateway/app/adapters/users_db.terse", "# ours\n"+usersFile)

	g.Configure(at("project", "gateway", strings.Replace(inProject, `"users_db"`, `"people"`, 1)))
	require.Contains(t, g.must(cliPlan), "app/tools/a/config.terse")
	g.must(cliApply)
	require.Equal(t, map[string]string{
		".hyperterse": "", ".env": dotenvFile, "app/adapters/people.terse": "# ours\n" + usersFile, "app/tools/a/config.terse": "use: users_db\n",
	}, g.contents("gateway"))
	require.Contains(t, g.must(cliPlan), "No changes.")

	g.put("gateway/app/tools/a/config.terse", "use: people\n")
	g.Configure(at("project", "other", strings.Replace(inProject, `"users_db"`, `"people"`, 1)))
	printed := g.must(cliPlan)
	require.Contains(t, printed, "1 to change, 0 to destroy")
	require.Contains(t, printed, `Adapter "people" of gateway moves to other`)
	g.must(cliApply)
	require.Equal(t, map[string]string{".hyperterse": "", "app/tools/a/config.terse": "use: people\n"}, g.contents("gateway"))
	require.Equal(t, map[string]string{".hyperterse": "root: .\n", ".env": dotenvFile, "adapters/people.terse": usersFile}, g.contents("other"))
	require.Contains(t, g.must(cliPlan), "No changes.")

	// A destroy says who needs it, and is not held up by that.
	g.put("other/tools/a/config.terse", "use: people\n")
	require.Contains(t, g.must("plan -destroy -no-color -input=false"), `Adapter "people" of other is removed, and these name it in use: - other/tools/a/config.terse`)
	g.must("destroy -auto-approve -no-color -input=false")
	require.Equal(t, map[string]string{".hyperterse": "root: .\n", "tools/a/config.terse": "use: people\n"}, g.contents("other"))
}

// Moving from version 1 to 2 is an update in place, and so is the way back.
func TestAccAdapterMovesFromVersion1(t *testing.T) {
	old := minimal + `dotenv = { file = ".env", variable = "DATABASE_URL", value_wo = "s3cret-of-the-project", value_wo_version = 1 }`
	g := newGateway(t, at("config_file", "config.terse", old), map[string]string{".hyperterse": "name: gateway\n"})
	g.put("config.terse", theirs)
	g.must(cliApply)
	version1 := g.contents(".")["config.terse"]

	g.Configure(at("project", "gateway", inProject))
	printed := g.must(cliPlan)
	require.Contains(t, printed, "0 to add, 1 to change, 0 to destroy")
	require.Contains(t, printed, `- config_file = "config.terse" -> null`)
	require.Contains(t, printed, `+ project = "gateway"`)
	require.Contains(t, printed, `Adapter "users_db" of config.terse moves to gateway, and these name it in use: - query get-user`)
	g.must(cliApply)
	require.Equal(t, map[string]string{".hyperterse": "name: gateway\n", "app/adapters/users_db.terse": usersFile, ".env": dotenvFile}, g.contents("gateway"))
	require.Equal(t, theirs, g.contents(".")["config.terse"])
	require.NoFileExists(t, g.path(".env"), "the variable moved with it")
	require.Contains(t, g.must(cliPlan), "No changes.")

	g.Configure(at("config_file", "config.terse", old))
	g.must(cliApply)
	require.Equal(t, version1, g.contents(".")["config.terse"])
	require.Equal(t, map[string]string{".hyperterse": "name: gateway\n"}, g.contents("gateway"))
	require.Contains(t, g.must(cliPlan), "No changes.")
}

// Each mistake is an error while planning that says what to write, and touches nothing.
func TestAccMistakesWithProjects(t *testing.T) {
	version1 := map[string]string{"config.terse": theirs}
	version2 := map[string]string{".hyperterse": "", "app/adapters/users_db.terse": usersFile}
	for name, test := range map[string]struct {
		hcl     string
		project map[string]string
		want    []string
	}{
		"neither": {at("connector", "postgres", strings.Replace(minimal, `connector         = "postgres"`, "", 1)), nil, []string{"[project,config_file]"}},
		"both":    {at("project", "gateway", minimal+"config_file = \"config.terse\""), version2, []string{"[project,config_file]"}},
		"a version 1 folder as project": {
			at("project", "gateway", minimal), version1, []string{"gateway/config.terse: it is a configuration of Hyperterse 1", "with config_file, instead of project"},
		},
		"a version 1 file as project":      {at("project", "gateway/config.terse", minimal), version1, []string{"it is a configuration of Hyperterse 1", "with config_file"}},
		"a folder without a project":       {at("project", ".", minimal), version2, []string{"there is no .hyperterse", "hyperterse init"}},
		"the root file as project":         {at("project", "gateway/.hyperterse", minimal), version2, []string{"the folder of that file, gateway"}},
		"a project as config_file":         {at("config_file", "gateway", minimal), version2, []string{"belongs to a project of Hyperterse 2", "the project is gateway", "with project, instead of config_file"}},
		"the root file as config_file":     {at("config_file", "gateway/.hyperterse", minimal), version2, []string{"the project is gateway", "with project"}},
		"an adapter's file as config_file": {at("config_file", "gateway/app/adapters/users_db.terse", minimal), version2, []string{"the file is one adapter", "/gateway", "with project"}},
		"adapters in the root file": {
			at("project", "gateway", minimal), map[string]string{".hyperterse": theirs},
			[]string{"has adapters in it, which Hyperterse 2 ignores: line 6: cache: write each as a file of its own, gateway/app/adapters/cache.terse"},
		},
		"no .env file with config_file": {at("config_file", "config.terse", inProject), nil, []string{"With config_file, name the .env file in file"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway(t, test.hcl, test.project)
			g.put("gateway/keep", "")
			before := g.contents("gateway")
			printed := g.refused(cliPlan)
			for _, want := range test.want {
				require.Contains(t, printed, want)
			}
			require.Equal(t, before, g.contents("gateway"))
		})
	}
}

// What is wrong with an adapter's own file is told by every run, and the file is left alone.
func TestAccBrokenFilesOfAProject(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "elsewhere.terse")
	require.NoError(t, os.WriteFile(elsewhere, []byte(usersFile), 0o600))
	const file = "gateway/app/adapters/users_db.terse"
	for name, test := range map[string]struct {
		spoil func(g gateway)
		want  []string
	}{
		"an unknown field": {func(g gateway) { g.put(file, usersFile+"use: x\n") }, []string{`line 3: Hyperterse 2 knows no field "use" of an adapter`}},
		"a second file": {
			func(g gateway) { g.put("gateway/app/adapters/b.terse", "name: users_db\n"+usersFile) },
			[]string{"gateway/app/adapters/b.terse and gateway/app/adapters/users_db.terse are both \"users_db\"", "Hyperterse uses one of them, and does not say which"},
		},
		"a link that leads out": {
			func(g gateway) {
				require.NoError(g.t, os.Remove(g.path(file)))
				require.NoError(g.t, os.Symlink(elsewhere, g.path(file)))
			}, []string{"a symbolic link that leads out of the project", "Put the file itself into the project"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway(t, at("project", "gateway", minimal), map[string]string{".hyperterse": ""})
			g.must(cliApply)
			test.spoil(g)
			before := g.contents("gateway")
			refused := func(commands ...string) {
				t.Helper()
				for _, command := range commands {
					printed := g.refused(command)
					for _, want := range test.want {
						require.Contains(t, printed, want)
					}
				}
				require.Equal(t, before, g.contents("gateway"))
			}
			refused(cliPlan, cliApply, "destroy -auto-approve -no-color -input=false")
			// So it is for one that is to be made.
			g.must("state rm " + address)
			refused(cliPlan)
		})
	}
}

// Another .env file than the project's is one that Hyperterse 2 does not read.
func TestAccDotenvBesideTheProject(t *testing.T) {
	body := minimal + `dotenv = { file = "%s", variable = "DATABASE_URL", value_wo = "x", value_wo_version = 1 }`
	g := newGateway(t, at("project", "gateway", fmt.Sprintf(body, ".env")), map[string]string{".hyperterse": ""})
	require.Contains(t, g.must(cliPlan), "Hyperterse 2 reads gateway/.env, beside .hyperterse, and not .env.")
	g.Configure(at("project", "gateway", fmt.Sprintf(body, "./gateway/../gateway/.env")))
	require.NotContains(t, g.must(cliPlan), "Warning: Hyperterse does not read this .env file")

	// Hyperterse reads the first of three files, and no other.
	const before = "Hyperterse reads the first of .env.local, .env.development and .env that it finds in a folder, and no other: "
	g.Configure(at("project", "gateway", inProject))
	require.NotContains(t, g.must(cliPlan), before)
	g.put("gateway/.env.development", "")
	require.Contains(t, g.must(cliPlan), before+"gateway/.env.development, and not gateway/.env.")
	g.put("gateway/.env.local", "")
	require.Contains(t, g.must(cliPlan), before+"gateway/.env.local, and not gateway/.env.")
	g.Configure(at("project", "gateway", fmt.Sprintf(body, "gateway/.env.development")))
	require.Contains(t, g.must(cliPlan), before+"gateway/.env.local, and not gateway/.env.development.")
	g.Configure(at("project", "gateway", fmt.Sprintf(body, "gateway/.env.local")))
	require.NotContains(t, g.must(cliPlan), ".env file")
}

// An adapter that a killed run made in a project is taken over by the next one.
func TestAccAdapterOfAKilledRunInAProject(t *testing.T) {
	g := newGateway(t, at("project", "gateway", inProject+acctest.Provisioner), map[string]string{".hyperterse": ""})
	g.ApplyAndLose()
	require.Contains(t, g.contents("gateway"), "app/adapters/users_db.terse")
	g.Configure(at("project", "gateway", strings.Replace(inProject, "s3cret-of-the-project", "of the next run", 1)+"\noptions = { connect_timeout = \"7\" }"))
	g.must(cliApply)
	require.Equal(t, map[string]string{
		".hyperterse": "", "app/adapters/users_db.terse": usersFile + "options:\n  connect_timeout: '7'\n", ".env": strings.Replace(dotenvFile, "s3cret-of-the-project", "of the next run", 1),
	}, g.contents("gateway"))
	require.Contains(t, g.must(cliPlan), "No changes.")
}

// Two adapters of one variable keep it until the last one goes, and many are made and removed at once.
func TestAccManyAdaptersOfAProject(t *testing.T) {
	many := strings.Replace(strings.Replace(inProject, `"users_db"`, `"db_${count.index}"`, 1), "name ", "count = 20\n  name ", 1)
	g := newGateway(t, at("project", "gateway", many), map[string]string{".hyperterse": ""})
	g.must(cliApply)
	require.Len(t, g.contents("gateway"), 22)
	require.Contains(t, g.must(cliPlan), "No changes.")
	g.Configure(at("project", "gateway", strings.Replace(many, "count = 20", "count = 1", 1)))
	g.must(cliApply)
	require.Equal(t, map[string]string{".hyperterse": "", "app/adapters/db_0.terse": usersFile, ".env": dotenvFile}, g.contents("gateway"))
	g.must("destroy -auto-approve -no-color -input=false")
	require.Equal(t, map[string]string{".hyperterse": ""}, g.contents("gateway"))
}

// A folder that can't be written: the apply says so, and changes nothing; the variable, which comes first, is put back.
func TestAccProjectThatCannotBeWritten(t *testing.T) {
	for _, readOnly := range []string{"gateway", "gateway/app/adapters"} {
		t.Run(readOnly, func(t *testing.T) {
			g := newGateway(t, at("project", "gateway", inProject), map[string]string{".hyperterse": "", ".env": "OTHER=1\n", "app/adapters/cache.terse": "connector: redis\nconnection_string: x\n"})
			if os.Getuid() == 0 { // Modes don't bind root, unless it gives up the right to pass them.
				script := filepath.Join(t.TempDir(), filepath.Base(g.CLI))
				require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\nexec setpriv --bounding-set=-dac_override,-dac_read_search "+g.CLI+" \"$@\"\n"), 0o700))
				g.CLI = script
			}
			require.NoError(t, os.Chmod(g.path(readOnly), 0o500))
			t.Cleanup(func() { require.NoError(t, os.Chmod(g.path(readOnly), 0o700)) })
			before := g.contents("gateway")
			require.Contains(t, g.must(cliPlan), "1 to add")
			printed := g.refused(cliApply)
			require.Contains(t, printed, "Unable to create adapter")
			require.Contains(t, printed, "permission denied")
			require.Equal(t, before, g.contents("gateway"))
		})
	}
}

// The variable stays where an adapter of the place that is left still needs it, wherever that place is.
func TestAccVariableOfTheOldPlaceStaysWithItsUsers(t *testing.T) {
	body := minimal + `dotenv = { file = "run/.env", variable = "DATABASE_URL", value_wo = "s3cret-of-the-project", value_wo_version = 1 }`
	g := newGateway(t, at("config_file", "etc/config.terse", body), map[string]string{".hyperterse": ""})
	g.put("etc/config.terse", "adapters:\n  other: {connector: postgres, connection_string: '{{ env.DATABASE_URL }}'}\n")
	g.put("run/keep", "")
	g.must(cliApply)
	g.Configure(at("project", "gateway", inProject))
	g.must(cliApply)
	require.Equal(t, dotenvFile, g.contents("gateway")[".env"])
	require.Equal(t, dotenvFile, g.contents("run")[".env"])
}
