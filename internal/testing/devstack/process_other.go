// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//go:build !linux

package devstack

import "syscall"

// endWithParent does nothing where the kernel has no such signal: the next stack's sweep ends the server.
func endWithParent(*syscall.SysProcAttr) {}
