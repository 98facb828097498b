// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack

import "syscall"

// endWithParent has the kernel end the server at once when this process dies, even by kill -9.
func endWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGQUIT }
