// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"

	"golang.org/x/crypto/ssh"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// DefaultSSHPort is the port of a bastion where none is given.
const DefaultSSHPort = 22

// What can be wrong with a bastion, as sentinels for errors.Is.
var (
	ErrSSHPrivateKey = errors.New("not a private key that can be used")
	ErrSSHHostKey    = errors.New("not the bastion's public key")
	// ErrUnknownBastion is the error of a bastion that shows another host key than the one that is configured.
	ErrUnknownBastion = errors.New("the SSH bastion showed another host key than host_key")
	// ErrSSHNoAnswer takes the place of a timeout's own error: the PostgreSQL library would cut off where it happened.
	ErrSSHNoAnswer = errors.New("no answer within connect_timeout")
)

// SSH is a bastion through which a server is reached. The bastion resolves the server's name and connects to it; TLS goes
// through to the server, and is verified against the server's name.
type SSH struct {
	Host string
	// Port is DefaultSSHPort where it is zero.
	Port int
	User string
	// PrivateKey is in OpenSSH's form or PEM, without a passphrase.
	PrivateKey secret.String
	// HostKey is the bastion's public key as authorized_keys or known_hosts hold it: one line.
	HostKey string
}

func (s SSH) address() string {
	port := s.Port
	if port == 0 {
		port = DefaultSSHPort
	}
	return net.JoinHostPort(s.Host, strconv.Itoa(port))
}

// CheckSSHPrivateKey reports a key that can't be used, as ErrSSHPrivateKey. The error holds nothing of the key.
func CheckSSHPrivateKey(key secret.String) error {
	_, err := parsePrivateKey(key)
	return err
}

// CheckSSHHostKey reports a line that holds no public key, or more than one, as ErrSSHHostKey.
func CheckSSHHostKey(line string) error {
	_, err := parseHostKey(line)
	return err
}

func parsePrivateKey(key secret.String) (ssh.Signer, error) {
	signer, err := ssh.ParsePrivateKey([]byte(key.Reveal()))
	var locked *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &locked):
		return nil, fmt.Errorf("%w: a passphrase protects it", ErrSSHPrivateKey)
	case err != nil:
		// The parser's own words may repeat parts of what it was given.
		return nil, fmt.Errorf("%w: it is neither in OpenSSH's form nor PEM", ErrSSHPrivateKey)
	default:
		return signer, nil
	}
}

func parseHostKey(line string) (ssh.PublicKey, error) {
	// The parser takes a host's name in front, as in known_hosts, for options.
	key, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		return nil, fmt.Errorf("%w: a line such as \"ssh-ed25519 AAAA…\" is expected", ErrSSHHostKey)
	}
	if _, isCertificate := key.(*ssh.Certificate); isCertificate {
		return nil, fmt.Errorf("%w: it is a certificate, and the key itself is expected", ErrSSHHostKey)
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return nil, fmt.Errorf("%w: it holds more than one line", ErrSSHHostKey)
	}
	return key, nil
}

// clientConfig gives the SSH library's settings, which let no other host key pass.
func (s SSH) clientConfig() (*ssh.ClientConfig, error) {
	signer, err := parsePrivateKey(s.PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("private_key: %w", err)
	}
	want, err := parseHostKey(s.HostKey)
	if err != nil {
		return nil, fmt.Errorf("host_key: %w", err)
	}
	return &ssh.ClientConfig{
		User: s.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyAlgorithms: hostKeyAlgorithms(want.Type()),
		HostKeyCallback: func(_ string, _ net.Addr, shown ssh.PublicKey) error {
			if !bytes.Equal(shown.Marshal(), want.Marshal()) {
				return fmt.Errorf("%w: it showed %s (%s), and host_key is %s (%s)", ErrUnknownBastion,
					ssh.FingerprintSHA256(shown), shown.Type(), ssh.FingerprintSHA256(want), want.Type())
			}
			return nil
		},
	}, nil
}

// hostKeyAlgorithms asks a bastion that has several keys for the one of a type. The others follow, so that a bastion that
// lacks it shows what it has, and the error can name that.
func hostKeyAlgorithms(keyType string) []string {
	preferred := []string{keyType}
	if keyType == ssh.KeyAlgoRSA {
		preferred = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	others := slices.DeleteFunc(ssh.SupportedAlgorithms().HostKeys, func(algorithm string) bool {
		return slices.Contains(preferred, algorithm)
	})
	return append(preferred, others...)
}
