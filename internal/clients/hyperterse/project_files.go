// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.yaml.in/yaml/v3"
)

// mostLooks bounds how often a folder is read whose files go meanwhile.
const mostLooks = 100

// toolFile is the name of a tool's file, in any case.
const toolFile = "config.terse"

// adapterFile is a file that the server takes for an adapter.
type adapterFile struct {
	// path is where the server finds it, and real what it is once links are followed.
	path string
	real file
	// document is nil where the file can't be read, for the reason err.
	document *document
	err      error
}

// name is the adapter's, as far as it can be told.
func (f adapterFile) name() string {
	if f.document == nil {
		return baseName(f.path)
	}
	return f.document.ownName()
}

// refersTo reports whether the adapter, unless it is a certain one, refers to a variable.
func (f adapterFile) refersTo(variable, except string) bool {
	if f.document == nil {
		return slices.Contains(References(string(f.real.text)), variable)
	}
	return f.document.refersTo(variable, except)
}

// baseName is the name that a file gives its adapter.
func baseName(path string) string { return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) }

// shelf is where a project's adapters are, and their files by path.
type shelf struct {
	projectSettings
	project Project
	files   []adapterFile
}

// look reads the project's settings and all files that the server takes for adapters.
func (p Project) look() (shelf, error) {
	found, err := p.settings()
	if err != nil {
		return shelf{}, err
	}
	for range mostLooks {
		all, isWhole, err := p.list(found)
		if err != nil || isWhole {
			return all, err
		}
	}
	return shelf{}, fmt.Errorf("%s: its files go while they are read, again and again", found.adapters)
}

// list reads the files that are in the folder of adapters. It is not whole where one came or went meanwhile: a system's list of a folder
// may show a file that is renamed under neither of its names.
func (p Project) list(found projectSettings) (all shelf, isWhole bool, err error) {
	paths, err := found.adapterPaths()
	if err != nil {
		return shelf{}, false, err
	}
	all = shelf{projectSettings: found, project: p}
	for _, path := range paths {
		f := readAdapterFile(path)
		if f.real.info == nil {
			// Only a link leads nowhere; a file that was not there a moment ago may be back.
			if info, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().IsRegular() {
				return all, false, nil
			}
		}
		all.files = append(all.files, f)
	}
	after, err := found.adapterPaths()
	return all, slices.Equal(paths, after), err
}

// adapterPaths lists what the server takes for adapters, sorted.
func (s projectSettings) adapterPaths() (paths []string, err error) {
	isAdapter := func(name string) bool { return strings.EqualFold(filepath.Ext(name), terseSuffix) }
	err = walk(s.adapters, isAdapter, func(path string) { paths = append(paths, path) })
	slices.Sort(paths)
	return paths, err
}

// in a folder that is a link itself.
func walk(folder string, counts func(name string) bool, do func(path string)) error {
	info, err := os.Lstat(folder)
	switch {
	case isNoFolder(err):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%w: %s is a symbolic link, and Hyperterse 2 does not look into one: name the folder that it leads to in %s",
			ErrInvalidFile, folder, RootFile)
	case !info.IsDir():
		return fmt.Errorf("%w: %s is not a folder", ErrInvalidFile, folder)
	}
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // It went meanwhile.
			return nil
		}
		if err == nil && !entry.IsDir() && counts(entry.Name()) {
			do(path)
		}
		return err
	})
}

// isNoFolder reports whether a path leads nowhere, or through what is no folder.
func isNoFolder(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func readAdapterFile(path string) adapterFile {
	if f, isKnown := known.get(path); isKnown {
		return f
	}
	began := time.Now()
	f := adapterFile{path: path}
	defer func() { known.put(path, f, began) }()
	real, err := resolve(path)
	if err != nil {
		f.err = err
		return f
	}
	if f.real, f.err = load(real); f.err != nil {
		return f
	}
	if f.real.info == nil {
		f.err = fmt.Errorf("%w: the link leads nowhere", ErrInvalidFile)
		return f
	}
	f.document, f.err = known.document(path, f.real.text, func(text []byte) (*document, error) { return parseAs(text, baseName(path)) })
	return f
}

// find gives the one file of an adapter.
func (s shelf) find(name string) (adapterFile, error) {
	var found []adapterFile
	var unreadable error
	for _, f := range s.files {
		if f.name() == name {
			found = append(found, f)
		}
		if f.err != nil && unreadable == nil {
			unreadable = inFile(f.path, f.err)
		}
	}
	switch {
	case len(found) > 1:
		return adapterFile{}, fmt.Errorf("%w: %s and %s are both %q", ErrTwoFiles, found[0].path, found[1].path, name)
	case len(found) == 0 && unreadable != nil: // It may be the one.
		return adapterFile{}, unreadable
	case len(found) == 0:
		return adapterFile{}, ErrAdapterNotFound
	case found[0].err != nil:
		return adapterFile{}, inFile(found[0].path, found[0].err)
	case !s.holds(found[0].real.path):
		return adapterFile{}, fmt.Errorf("%s: %w: to %s", found[0].path, ErrOutside, found[0].real.path)
	}
	if _, err := found[0].document.onlyAdapter(); err != nil {
		return adapterFile{}, inFile(found[0].path, err)
	}
	return found[0], nil
}

// requireFree is ErrAdapterExists for a name that an adapter has, and the error of a file whose name can't be told.
func (s shelf) requireFree(name string) error {
	_, err := s.find(name)
	switch {
	case errors.Is(err, ErrAdapterNotFound):
		return nil
	case err == nil:
		return ErrAdapterExists
	default:
		return err
	}
}

// holds reports whether a file, once links are followed, is in the project or in its folder of adapters.
func (s shelf) holds(real string) bool {
	for _, folder := range []string{string(s.project), s.adapters} {
		folder, err := filepath.EvalSymlinks(folder)
		if err != nil {
			continue
		}
		if folder, err = filepath.Abs(folder); err != nil {
			continue
		}
		if relative, err := filepath.Rel(folder, real); err == nil && filepath.IsLocal(relative) {
			return true
		}
	}
	return false
}

// renamed is the path of a file whose adapter gets another name: the same where the file says the name itself.
func (s shelf) renamed(f adapterFile, name string) (string, error) {
	if find(entries(f.document.root), nameKey) >= 0 {
		return f.path, nil
	}
	folder := filepath.Dir(f.path)
	base, err := s.freeName(folder, name, filepath.Base(f.path))
	if err != nil || base != name {
		return f.path, err
	}
	return filepath.Join(folder, base+filepath.Ext(f.path)), nil
}

// freeName gives a file name, without its extension, that nothing in a folder has, in whatever case: an adapter's own name where it can.
func (s shelf) freeName(folder, name, own string) (string, error) {
	there, err := os.ReadDir(folder)
	if err != nil && !isNoFolder(err) {
		return "", err
	}
	return numbered(name, func(base string) bool {
		return slices.ContainsFunc(there, func(entry fs.DirEntry) bool {
			return entry.Name() != own && strings.EqualFold(entry.Name(), base+terseSuffix)
		})
	}), nil
}

// tools are the files of tools in a folder, read once.
type tools struct {
	folder string
	once   sync.Once
	files  []tool
	err    error
}

type tool struct {
	path string
	use  yaml.Node
}

// thatUse lists the files of those that name an adapter. What can't be read names none.
func (t *tools) thatUse(adapter string) ([]string, error) {
	t.once.Do(t.read)
	var files []string
	for _, tool := range t.files {
		if names(&tool.use, adapter) {
			files = append(files, tool.path)
		}
	}
	return files, t.err
}

func (t *tools) read() {
	t.err = walk(t.folder, func(name string) bool { return strings.EqualFold(name, toolFile) }, func(path string) {
		f, err := load(path)
		if err != nil {
			return
		}
		var content struct {
			Use yaml.Node `yaml:"use"`
		}
		if yaml.Unmarshal(f.text, &content) == nil {
			t.files = append(t.files, tool{path, content.Use})
		}
	})
	slices.SortFunc(t.files, func(a, b tool) int { return strings.Compare(a.path, b.path) })
}
