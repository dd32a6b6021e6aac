package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// keys writes what the control plane needs to serve on loopback: an authority of its own (ca.crt), a serving
// certificate for 127.0.0.1 and localhost (server.crt, server.key) and the key that signs service account tokens
// (sa.key). They live as long as one test run; nothing outside it trusts them.
func keys(dir string) error {
	authorityKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	authority := certificate(1, "testbed-ca")
	authority.IsCA, authority.BasicConstraintsValid = true, true
	authority.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	if err := sign(dir, "ca.crt", authority, authority, authorityKey, authorityKey); err != nil {
		return err
	}
	serverKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	server := certificate(2, "testbed")
	server.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	server.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	server.DNSNames = []string{"localhost"}
	if err := sign(dir, "server.crt", server, authority, serverKey, authorityKey); err != nil {
		return err
	}
	if err := writeKey(dir, "server.key", serverKey); err != nil {
		return err
	}
	accountKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	return writeKey(dir, "sa.key", accountKey)
}

func certificate(serial int64, name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour), // clocks of one machine agree; an hour forgives a step
		NotAfter:     time.Now().Add(7 * 24 * time.Hour),
	}
}

func sign(dir, file string, leaf, parent *x509.Certificate, key, parentKey *rsa.PrivateKey) error {
	der, err := x509.CreateCertificate(rand.Reader, leaf, parent, &key.PublicKey, parentKey)
	if err != nil {
		return err
	}
	return writePEM(filepath.Join(dir, file), "CERTIFICATE", der, 0o644)
}

func writeKey(dir, file string, key *rsa.PrivateKey) error {
	return writePEM(filepath.Join(dir, file), "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key), 0o600)
}

func writePEM(path, kind string, der []byte, mode os.FileMode) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode)
}
