// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"bytes"
	"io/fs"
	"os"
	"sync"
	"time"
)

// settled is how old a change of a file has to be for another one to show in the file's time: file systems count it in steps.
const settled = 2 * time.Second

// knownFiles keeps what files were parsed into, so that many resources that look at the same files, one after the other, need not read
// them again. The zero value is empty. It is safe for concurrent use, and what it gives is not to be changed.
type knownFiles struct {
	mu    sync.Mutex
	files map[string]knownFile
}

type knownFile struct {
	file adapterFile
	info fs.FileInfo
	// isSettled is set when the file, as long as it has the same time, size and place on the disk, holds the same.
	isSettled bool
}

// known are the files of this process.
var known knownFiles

// get gives what a file was read as, if it is still that, without opening it.
func (k *knownFiles) get(path string) (adapterFile, bool) {
	k.mu.Lock()
	before, isKnown := k.files[path]
	k.mu.Unlock()
	if !isKnown || !before.isSettled {
		return adapterFile{}, false
	}
	now, err := os.Lstat(path)
	isSame := err == nil && os.SameFile(now, before.info) && now.Size() == before.info.Size() && now.Mode() == before.info.Mode() &&
		now.ModTime().Equal(before.info.ModTime())
	return before.file, isSame
}

// put remembers a file that was read after a time. A link is looked at each time.
func (k *knownFiles) put(path string, f adapterFile, began time.Time) {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || f.real.info == nil || !os.SameFile(info, f.real.info) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.files == nil {
		k.files = map[string]knownFile{}
	}
	k.files[path] = knownFile{f, f.real.info, f.real.info.ModTime().Before(began.Add(-settled))}
}

// document gives what the text of a file was parsed into, or parses it.
func (k *knownFiles) document(path string, text []byte, parse func([]byte) (*document, error)) (*document, error) {
	k.mu.Lock()
	before := k.files[path].file.document
	k.mu.Unlock()
	if before != nil && bytes.Equal(before.text, text) {
		return before, nil
	}
	return parse(text)
}
