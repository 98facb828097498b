// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// serviceUsers are the users that a server runs as when the caller is root, the first one that exists.
var serviceUsers = []string{"postgres", "nobody"}

// serviceUser returns whom servers run as, and nil when the caller is not root and they run as the caller.
func serviceUser() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil //nolint:nilnil // nil is the answer: no change of user.
	}
	for _, name := range serviceUsers {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(found.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(found.Gid, 10, 32)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return nil, fmt.Errorf("read the ids of user %s: %w", name, err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, fmt.Errorf("a database server does not run as root, and none of the users %v exists", serviceUsers)
}

// runAsServiceUser makes the command drop root.
func runAsServiceUser(command *exec.Cmd) error {
	credential, err := serviceUser()
	if err != nil {
		return err
	}
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Credential = credential
	command.Dir = "/"
	return nil
}

// giveToServiceUser hands a path to the user that servers run as.
func giveToServiceUser(path string) error {
	credential, err := serviceUser()
	if err != nil || credential == nil {
		return err
	}
	return os.Lchown(path, int(credential.Uid), int(credential.Gid))
}
