// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//go:build release

package examples_test

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// dist is what 'make release-snapshot' leaves.
const dist = "../dist"

// mostMegabytes is what the provider may weigh on any platform.
const mostMegabytes = 60

var platforms = []string{
	"darwin_amd64", "darwin_arm64", "freebsd_amd64", "linux_amd64", "linux_arm", "linux_arm64", "windows_amd64", "windows_arm64",
}

// released gives the version of what is in dist, and the path of a file of it.
func released(t *testing.T) (version string, file func(suffix string) string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dist, "metadata.json"))
	require.NoError(t, err, "run 'make release-snapshot' first")
	var metadata struct{ Version string }
	require.NoError(t, json.Unmarshal(content, &metadata))
	return metadata.Version, func(suffix string) string {
		return filepath.Join(dist, "terraform-provider-terrascale_"+metadata.Version+"_"+suffix)
	}
}

// TestReleaseIsWhole looks at what a registry takes: archives of all platforms, the manifest and checksums; and at what is in each.
func TestReleaseIsWhole(t *testing.T) {
	version, file := released(t)
	named := map[string]string{}
	sums, err := os.ReadFile(file("SHA256SUMS"))
	require.NoError(t, err)
	for line := range strings.Lines(string(sums)) {
		sum, name, found := strings.Cut(strings.TrimSpace(line), "  ")
		require.True(t, found, line)
		named[name] = sum
	}
	expected := map[string]string{filepath.Base(file("manifest.json")): sumOf(t, "../terraform-registry-manifest.json")}
	for _, platform := range platforms {
		archive := file(platform + ".zip")
		expected[filepath.Base(archive)] = sumOf(t, archive)
		expectArchive(t, archive, version)
		expectBillOfMaterials(t, file(platform+".cdx.json"), version)
	}
	// The Terraform registry refuses checksums of anything else.
	require.Equal(t, expected, named)
	archives, err := filepath.Glob(filepath.Join(dist, "*.zip"))
	require.NoError(t, err)
	require.Len(t, archives, len(platforms))
}

// expectArchive looks into an archive.
func expectArchive(t *testing.T, archive, version string) {
	t.Helper()
	reader, err := zip.OpenReader(archive)
	require.NoError(t, err)
	defer func() { require.NoError(t, reader.Close()) }()
	var names []string
	for _, entry := range reader.File {
		names = append(names, strings.TrimSuffix(entry.Name, ".exe"))
		require.Less(t, entry.UncompressedSize64, uint64(mostMegabytes*1e6), "%s in %s", entry.Name, archive)
	}
	require.ElementsMatch(t, []string{"LICENSE", "terraform-provider-terrascale_v" + version}, names, archive)
}

// expectBillOfMaterials looks for what is in the binary, and what must not be.
func expectBillOfMaterials(t *testing.T, file, version string) {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	var bill struct {
		BomFormat string
		Metadata  struct {
			Component struct{ Name, Version string }
		}
		Components []struct{ Name, Version string }
	}
	require.NoError(t, json.Unmarshal(content, &bill))
	require.Equal(t, "CycloneDX", bill.BomFormat)
	require.Equal(t, "github.com/terrascale/terraform-provider-terrascale", bill.Metadata.Component.Name)
	require.Equal(t, "v"+version, bill.Metadata.Component.Version)
	var names []string
	for _, component := range bill.Components {
		names = append(names, component.Name)
	}
	require.Subset(t, names, []string{"std", "github.com/hashicorp/terraform-plugin-framework", "github.com/jackc/pgx/v5"}, file)
	require.NotContains(t, names, "github.com/stretchr/testify", file)
}

func sumOf(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// TestReleaseIsInstalledFromAMirror runs the quick start with the archive of a release, as the CLI installs it. A lock file holds a second
// checkout to the same archive.
func TestReleaseIsInstalledFromAMirror(t *testing.T) {
	version, file := released(t)
	archive := file(runtime.GOOS + "_" + runtime.GOARCH + ".zip")
	mirror := t.TempDir()
	require.NoError(t, terraformcli.MirrorArchive(mirror, archive))
	first := installed(t, mirror, version)
	mustRun(t, &first, 0, "init", "-input=false", "-no-color")
	lock, err := os.ReadFile(filepath.Join(first.Dir, lockFile))
	require.NoError(t, err)
	require.Regexp(t, `version\s+= "`+version+`"`, string(lock))
	require.Contains(t, string(lock), `"h1:`)
	require.Contains(t, mustRun(t, &first, 0, "version", "-no-color"), "/terrascale/terrascale v"+version)

	second := installed(t, mirror, version)
	require.NoError(t, os.WriteFile(filepath.Join(second.Dir, lockFile), lock, 0o600))
	mustRun(t, &second, 0, "init", "-input=false", "-no-color", "-lockfile=readonly")
	mustRun(t, &second, 2, "plan", "-input=false", "-no-color", "-detailed-exitcode")
	mustRun(t, &second, 0, "apply", "-input=false", "-no-color", "-auto-approve")
	mustRun(t, &second, 0, "plan", "-input=false", "-no-color", "-detailed-exitcode")
	mustRun(t, &second, 0, "destroy", "-input=false", "-no-color", "-auto-approve")

	tampered := t.TempDir()
	require.NoError(t, terraformcli.MirrorArchive(tampered, tamper(t, archive)))
	third := installed(t, tampered, version)
	require.NoError(t, os.WriteFile(filepath.Join(third.Dir, lockFile), lock, 0o600))
	for _, arguments := range [][]string{{"-lockfile=readonly"}, {}} {
		refused := mustRun(t, &third, 1, append([]string{"init", "-input=false", "-no-color"}, arguments...)...)
		require.Regexp(t, `(?s)checksums?\s.*dependency\s+lock\s+file|doesn't\s+match\s+any`, refused)
	}
	unchanged, err := os.ReadFile(filepath.Join(third.Dir, lockFile))
	require.NoError(t, err)
	require.Equal(t, string(lock), string(unchanged))
}

const lockFile = ".terraform.lock.hcl"

// installed gives a checkout of the quick start that takes the provider from a mirror alone.
func installed(t *testing.T, mirror, version string) terraformcli.Workspace {
	t.Helper()
	folder := t.TempDir()
	w := terraformcli.Workspace{CLI: cli, Dir: filepath.Join(folder, "quickstart")}
	require.NoError(t, os.CopyFS(w.Dir, os.DirFS("quickstart")))
	// A snapshot is a version before a release, which the CLI takes only where it is named.
	override := fmt.Sprintf("terraform {\n  required_providers {\n    terrascale = { source = %q, version = %q }\n  }\n}\n", terraformcli.Source, version)
	require.NoError(t, os.WriteFile(filepath.Join(w.Dir, "version_override.tf"), []byte(override), 0o600))
	require.NoError(t, w.InstallFrom(filepath.Join(folder, "cli.tfrc"), mirror))
	for name, value := range playground.Environment {
		w.Environment = append(w.Environment, name+"="+value)
	}
	_, readers := newReader(t)
	w.Environment = append(w.Environment, readers...)
	w.Environment = append(w.Environment, "TF_VAR_runner_address=127.0.0.1", fmt.Sprintf(`TF_VAR_database={"host": %q, "port": %s, "ca_file": %q}`,
		playground.Environment["PGHOST"], playground.Environment["PGPORT"], playground.Environment["PGSSLROOTCERT"]))
	return w
}

// tamper gives a copy of an archive whose binary has one more byte.
func tamper(t *testing.T, archive string) string {
	t.Helper()
	reader, err := zip.OpenReader(archive)
	require.NoError(t, err)
	defer func() { require.NoError(t, reader.Close()) }()
	changed, err := os.Create(filepath.Join(t.TempDir(), filepath.Base(archive)))
	require.NoError(t, err)
	writer := zip.NewWriter(changed)
	for _, entry := range reader.File {
		content, err := entry.Open()
		require.NoError(t, err)
		into, err := writer.CreateHeader(&entry.FileHeader)
		require.NoError(t, err)
		_, err = io.Copy(into, content)
		require.NoError(t, err)
		if strings.HasPrefix(entry.Name, "terraform-provider-") {
			_, err = into.Write([]byte{0})
			require.NoError(t, err)
		}
	}
	require.NoError(t, writer.Close())
	require.NoError(t, changed.Close())
	return changed.Name()
}
