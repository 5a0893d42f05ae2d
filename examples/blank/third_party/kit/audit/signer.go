package audit

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// Signer signs receipts with the service's Ed25519 key (RFC 8032). The zero
// Signer has no key: it stands where nothing will be signed, and Sign fails.
type Signer struct{ key ed25519.PrivateKey }

const keyBlock = "PRIVATE KEY"

// MakeSigner makes a new key and writes it to a file at path, for its owner
// alone. Many processes may do so at once: they all get the one key. A file
// that is there already is read.
func MakeSigner(path string) (*Signer, error) {
	if err := makeKey(path); err != nil {
		return nil, kit.Errorf(kit.Invalid, "make signing key %s: %w", path, err).WithHint("may the service write to that folder?")
	}
	return ReadSigner(path)
}

// SeedSigner takes the key from its 32 byte seed in base64, as a variable of
// the environment holds it.
func SeedSigner(seed string) (*Signer, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(seed))
	if err != nil || len(raw) != ed25519.SeedSize {
		return nil, kit.Errorf(kit.Invalid, "read signing key: the seed is not 32 bytes in base64").
			WithHint("`openssl rand -base64 32` makes one")
	}
	return &Signer{ed25519.NewKeyFromSeed(raw)}, nil
}

// ReadSigner reads the key file at path (PEM, PKCS #8). It fails with
// kit.NotFound when there is none, and with kit.Invalid for what is no key or
// can be read by others.
func ReadSigner(path string) (*Signer, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, kit.Errorf(kit.NotFound, "read signing key %s: no such file", path)
	}
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "read signing key: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, kit.Errorf(kit.Invalid, "read signing key %s: others may read it (mode %04o)", path, info.Mode().Perm()).
			WithHint("chmod 600 %s", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "read signing key: %w", err)
	}
	return parseKey(path, data)
}

func parseKey(path string, data []byte) (*Signer, error) {
	refuse := func(format string, args ...any) error {
		return kit.Errorf(kit.Invalid, "read signing key %s: "+format, append([]any{path}, args...)...).
			WithHint("it holds an Ed25519 key in PEM (PKCS #8), as the service makes it where there is none")
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != keyBlock {
		return nil, refuse("not a PEM private key")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, refuse("%w", err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, refuse("not an Ed25519 key")
	}
	return &Signer{key}, nil
}

// makeKey writes the key beside path, then links it into place: the link fails
// when another process was first, and no one ever reads half a key.
func makeKey(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := errors.Join(writeKey(tmp), tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func writeKey(f *os.File) error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := pem.Encode(f, &pem.Block{Type: keyBlock, Bytes: der}); err != nil {
		return err
	}
	return f.Sync()
}

// PublicKey is the key that CheckReceipt wants.
func (s *Signer) PublicKey() ed25519.PublicKey { return s.key.Public().(ed25519.PublicKey) }

// Sign returns r with the service's public key and its signature.
func (s *Signer) Sign(r Receipt) (Receipt, error) {
	if s.key == nil {
		return Receipt{}, kit.Errorf(kit.Internal, "sign receipt of delivery %s: this process was given no key", r.Delivery)
	}
	r.PublicKey = base64.StdEncoding.EncodeToString(s.PublicKey())
	message, err := r.signed()
	if err != nil {
		return Receipt{}, kit.Errorf(kit.Invalid, "sign receipt of delivery %s: %w", r.Delivery, err)
	}
	r.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(s.key, message))
	return r, nil
}
