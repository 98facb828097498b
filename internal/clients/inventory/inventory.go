// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package inventory is what a database server says of everybody who can log in to it, whatever the database. No part of it holds a secret,
// or what a server keeps of one.
package inventory

import "time"

// Question is something that a server was asked, and may not have answered.
type Question string

// The questions.
const (
	Privileges Question = "privileges"
	Passwords  Question = "passwords"
	Expiry     Question = "expiry"
	LastUse    Question = "last use"
	Encryption Question = "encryption"
	Logging    Question = "logging"
	Doors      Question = "doors"
)

// Server is what a server says.
type Server struct {
	// Logins are those who can log in, in any order.
	Logins []Login
	// InClear are the sessions without TLS at the time.
	InClear []Session
	// Logged are the settings that have the server write statements to a log, such as "log_statement = all".
	Logged []string
	// Doors are the lines of a server's configuration that say who may log in from where, and how.
	Doors []Door
	// Untold says of what was not told, or not of everybody, why.
	Untold []Untold
}

// Tell notes why a question has no answer.
func (s *Server) Tell(question Question, reason string) {
	s.Untold = append(s.Untold, Untold{question, reason})
}

// Untold is a question without an answer.
type Untold struct {
	Question Question
	Reason   string
}

// Login is somebody who can log in.
type Login struct {
	Name string
	// Own is set for the login that asks.
	Own bool
	// Superuser is what gives the login everything, such as SUPERUSER; empty for an ordinary one.
	Superuser []string
	// Writes is what it can do beyond reading, and through what, such as "INSERT on public.orders via PUBLIC". It says nothing of
	// superusers.
	Writes []string
	// OldPassword is the old way in which the server keeps its password, such as md5; empty for none.
	OldPassword string
	// Open says how one logs in without knowing a password; empty where that is not possible.
	Open string
	// NeverExpires is set where it has a password that works without end.
	NeverExpires bool
	// UnusedFor is how long the server counts logins and has counted none of this one; 0 where there was one, or it does not count.
	UnusedFor time.Duration
}

// Session is what sessions of one login from one address have in common.
type Session struct {
	Login, Address string
	Count          int
}

// Door is a line of pg_hba.conf.
type Door struct {
	Line int
	// Type is such as hostssl, Address empty for a socket, and Mask empty where Address needs none.
	Type             string
	Databases, Users []string
	Address, Mask    string
	Method           string
}
