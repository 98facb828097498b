// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	directoryKey = "directory"
	// Where things are in a project whose .hyperterse says nothing of it.
	defaultRoot, defaultAdapters, defaultTools = "app", "adapters", "tools"
)

// projectSettings are what .hyperterse says of where things are.
type projectSettings struct {
	// adapters and tools are folders, below the project as its path was given, or absolute.
	adapters, tools string
}

// settings reads .hyperterse as the server does.
func (p Project) settings() (projectSettings, error) {
	f, err := load(p.rootFile())
	if err != nil && !isNoFolder(err) {
		return projectSettings{}, inFile(p.rootFile(), err)
	}
	if f.info == nil {
		return projectSettings{}, p.missing()
	}
	d, err := parse(f.text)
	if err != nil {
		return projectSettings{}, inFile(p.rootFile(), err)
	}
	type directory struct {
		Directory string `yaml:"directory"`
	}
	var written struct {
		Root     string    `yaml:"root"`
		Tools    directory `yaml:"tools"`
		Adapters directory `yaml:"adapters"`
	}
	if err := yaml.Unmarshal(f.text, &written); err != nil {
		return projectSettings{}, inFile(p.rootFile(), d.explain(err))
	}
	root := below(string(p), cmp.Or(written.Root, defaultRoot))
	found := projectSettings{
		adapters: below(root, cmp.Or(written.Adapters.Directory, defaultAdapters)),
		tools:    below(root, cmp.Or(written.Tools.Directory, defaultTools)),
	}
	if ignored := d.ignoredAdapters(); len(ignored) > 0 {
		return found, inFile(p.rootFile(), fmt.Errorf("%w: line %d: %s: write each as a file of its own, %s", ErrIgnoredAdapters,
			ignored[0].Line, strings.Join(values(ignored), ", "), filepath.Join(found.adapters, ignored[0].Value+terseSuffix)))
	}
	return found, nil
}

// below is where a setting leads from a folder.
func below(folder, setting string) string {
	setting = strings.TrimSpace(setting)
	if filepath.IsAbs(setting) {
		return filepath.Clean(setting)
	}
	return filepath.Join(folder, setting)
}

// ignoredAdapters gives the keys of what are adapters of version 1 in a .hyperterse.
func (d *document) ignoredAdapters() []*yaml.Node {
	if d.root == nil {
		return nil
	}
	i := find(entries(d.root), adaptersKey)
	if i < 0 || entries(d.root)[i].value.Kind != yaml.MappingNode {
		return nil
	}
	var keys []*yaml.Node
	for _, e := range entries(entries(d.root)[i].value) {
		if e.key.Value != directoryKey && e.value.Kind == yaml.MappingNode {
			keys = append(keys, e.key)
		}
	}
	return keys
}

func values(nodes []*yaml.Node) []string {
	texts := make([]string, len(nodes))
	for i, node := range nodes {
		texts[i] = node.Value
	}
	return texts
}

// missing says what a path without a .hyperterse in it is instead.
func (p Project) missing() error {
	path := string(p)
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", path, ErrNoProject)
	case !info.IsDir() && filepath.Base(path) == RootFile:
		return fmt.Errorf("%s: %w: project is the folder of that file, %s", path, ErrNoProject, filepath.Dir(path))
	case !info.IsDir():
		if isVersion1(path) {
			return fmt.Errorf("%s: %w", path, ErrVersion1)
		}
		return fmt.Errorf("%s: %w: project is a folder, and this is a file", path, ErrNoProject)
	}
	configFiles, err := filepath.Glob(filepath.Join(path, "*"+terseSuffix))
	if err != nil {
		return fmt.Errorf("%s: %w", path, ErrNoProject)
	}
	for _, configFile := range configFiles {
		if isVersion1(configFile) {
			return fmt.Errorf("%s: %w", configFile, ErrVersion1)
		}
	}
	return fmt.Errorf("%s: %w", path, ErrNoProject)
}

// isVersion1 reports whether a file has adapters as version 1 has them.
func isVersion1(path string) bool {
	f, err := load(path)
	if err != nil {
		return false
	}
	d, err := parse(f.text)
	if err != nil {
		return errors.Is(err, ErrBlockSyntax)
	}
	return d.root != nil && find(entries(d.root), adaptersKey) >= 0
}

func isProject(folder string) bool {
	info, err := os.Stat(filepath.Join(folder, RootFile))
	return err == nil && info.Mode().IsRegular()
}

// projectOf looks for the project that a file is in.
func projectOf(path string) (folder string, found bool) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", false
	}
	for folder := filepath.Dir(path); ; folder = filepath.Dir(folder) {
		if isProject(folder) {
			return folder, true
		}
		if folder == filepath.Dir(folder) {
			return "", false
		}
	}
}
