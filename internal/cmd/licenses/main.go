// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Command licenses lists the licences of what is linked into the provider, on all systems that it is released for. It fails for a licence that
// is not on its list, and for a module without one that it knows.
package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	classifier "github.com/google/licenseclassifier/v2"
	"github.com/google/licenseclassifier/v2/assets"

	"github.com/terrascale/terraform-provider-terrascale/internal/cmd/internal/page"
)

const (
	own = "github.com/terrascale/terraform-provider-terrascale"
	// standardLibrary is what the table calls the packages that come with Go.
	standardLibrary = "Go's standard library"
)

// allowed are the licences under which a provider that is MPL-2.0 may be given away as a binary.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0"}

// systems are those of .goreleaser.yml.
var systems = []string{"darwin", "freebsd", "linux", "windows"}

var licenseFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)([.-].*)?$`)

//go:embed licenses.md.tmpl
var text string

func main() { page.Main(document) }

// Row is a line of the table.
type Row struct{ Module, Licenses string }

// document gives the page, in Markdown.
func document() (string, error) {
	folders, err := linked(systems)
	if err != nil {
		return "", err
	}
	rows, err := table(folders)
	if err != nil {
		return "", err
	}
	return page.Fill(text, nil, rows)
}

// linked gives the folders that hold linked packages, and those above them up to the module's own, by module.
func linked(systems []string) (map[string][]string, error) {
	folders := map[string][]string{}
	for _, system := range systems {
		list := exec.Command("go", "list", "-deps", "-f", "{{.Dir}}\t{{with .Module}}{{.Path}}\t{{.Dir}}{{else}}\t{{.Root}}{{end}}", own)
		list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		var problems bytes.Buffer
		list.Stderr = &problems
		output, err := list.Output()
		if err != nil {
			return nil, fmt.Errorf("list what is linked on %s: %w: %s", system, err, problems.String())
		}
		for line := range strings.Lines(string(output)) {
			fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			if len(fields) != 3 {
				return nil, fmt.Errorf("go list printed %q", line)
			}
			folder, module, root := fields[0], fields[1], fields[2]
			if module == own {
				continue
			}
			if module == "" {
				// A licence below it is that of BoringCrypto, which no release is built with.
				module, folder = standardLibrary, root
			}
			for ; strings.HasPrefix(folder, root); folder = filepath.Dir(folder) {
				folders[module] = append(folders[module], folder)
			}
		}
	}
	for module, all := range folders {
		slices.Sort(all)
		folders[module] = slices.Compact(all)
	}
	return folders, nil
}

// table names the licences of each module, by the licence files in its folders. It collects all problems.
func table(folders map[string][]string) ([]Row, error) {
	known, err := assets.DefaultClassifier()
	if err != nil {
		return nil, fmt.Errorf("read the licences that are known: %w", err)
	}
	var rows []Row
	var problems []error
	for _, module := range slices.Sorted(maps.Keys(folders)) {
		found := map[string]bool{}
		for _, folder := range folders[module] {
			names, err := inFolder(known, folder)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", module, err))
			}
			for _, name := range names {
				found[name] = true
			}
		}
		names := slices.Sorted(maps.Keys(found))
		if len(names) == 0 {
			problems = append(problems, fmt.Errorf("%s has no licence that is known", module))
		}
		for _, name := range names {
			if !slices.Contains(allowed, name) {
				problems = append(problems, fmt.Errorf("%s is under %s, which is not on the list: %s", module, name, strings.Join(allowed, ", ")))
			}
		}
		rows = append(rows, Row{module, strings.Join(names, ", ")})
	}
	return rows, errors.Join(problems...)
}

// inFolder names the licences of a folder's licence files. A file in which none is known is an error.
func inFolder(known *classifier.Classifier, folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() || !licenseFile.MatchString(entry.Name()) || strings.HasSuffix(entry.Name(), ".go") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		before := len(names)
		for _, match := range known.Match(content).Matches {
			if match.MatchType == "License" || match.MatchType == "Header" {
				names = append(names, match.Name)
			}
		}
		if len(names) == before {
			return nil, fmt.Errorf("no licence that is known is in %s", entry.Name())
		}
	}
	return names, nil
}
