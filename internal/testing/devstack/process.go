// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

const (
	startTimeout = 60 * time.Second
	// startPoll is the time between two tries to reach a server that starts.
	startPoll = 20 * time.Millisecond
)

// process is a server that ends with its parent.
type process struct {
	command *exec.Cmd
	done    chan struct{}
	err     error
}

// startProcess starts a server whose output goes to logFile.
func startProcess(command *exec.Cmd, logFile string) (*process, error) {
	output, err := os.OpenFile(logFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the server's log: %w", err)
	}
	command.Stdout, command.Stderr = output, output
	if err := runAsServiceUser(command); err != nil {
		_ = output.Close()
		return nil, err
	}
	endWithParent(command.SysProcAttr)

	p := &process{command: command, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The kernel ties the parent-death signal to the thread that made the child: keep that thread until the child ends.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer func() { _ = output.Close() }()
		err := command.Start()
		started <- err
		if err == nil {
			p.err = command.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", command.Path, err)
	}
	return p, nil
}

// waitReady tries until the server answers, ends, or has taken too long.
func (p *process) waitReady(ctx context.Context, logFile string, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	name := filepath.Base(p.command.Path)
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			log, _ := os.ReadFile(logFile)
			return fmt.Errorf("%s ended while starting: %w: %s", name, errors.Join(p.err, err), log)
		case <-ctx.Done():
			return fmt.Errorf("%s did not answer: %w", name, err)
		case <-time.After(startPoll):
		}
	}
}

// reaching opens a connection to an address, and closes it.
func reaching(address string, dial func(ctx context.Context, network, address string) (net.Conn, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		connection, err := dial(ctx, "tcp", address)
		if err == nil {
			err = connection.Close()
		}
		return err
	}
}

// stop sends the signal and waits; a process that does not end in time is killed.
func (p *process) stop(signal syscall.Signal) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	if err := p.command.Process.Signal(signal); err != nil {
		return fmt.Errorf("signal %s: %w", p.command.Path, err)
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(stopTimeout):
		_ = p.command.Process.Kill()
		<-p.done
		return fmt.Errorf("%s did not end within %s and was killed", p.command.Path, stopTimeout)
	}
}

// findBinary looks on PATH and where Debian puts it.
func findBinary(name, debian, pkg string) (string, error) {
	if found, err := exec.LookPath(name); err == nil {
		return found, nil
	}
	found, err := exec.LookPath(filepath.Join(debian, name))
	if err != nil {
		return "", fmt.Errorf("no %s: install Debian's package %s: %w", name, pkg, err)
	}
	return found, nil
}
