package app

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
)

// keyVariable holds the seed of the receipts' key, for machines that share a
// database and are given their secrets by the environment.
const keyVariable = "APP_RECEIPT_KEY"

// signer is the key that receipts are signed with. The trail notes each key of
// the service; one that it does not know joins them only when it is the first,
// or when the operator says so: a wrong folder must not begin another service
// in silence.
func (s *Service) signer(ctx context.Context) (*audit.Signer, error) {
	signer, err := s.givenKey()
	missing := kit.CodeOf(err) == kit.NotFound
	if err != nil && (!missing || s.Key != "") {
		return nil, err
	}
	known, err := audit.Keys(ctx, s.DB.Read())
	if err != nil {
		return nil, err
	}
	if missing {
		if signer, err = s.newKey(known); err != nil {
			return nil, err
		}
	}
	key := signer.PublicKey()
	if isKnown(known, key) {
		return signer, nil
	}
	return signer, s.noteKey(ctx, key)
}

// givenKey reads the key of --key, of the environment, or of the data folder.
func (s *Service) givenKey() (*audit.Signer, error) {
	if s.Key != "" {
		return audit.ReadSigner(s.Key)
	}
	if seed := os.Getenv(keyVariable); seed != "" {
		return audit.SeedSigner(seed)
	}
	return audit.ReadSigner(s.keyFile())
}

func (s *Service) keyFile() string { return filepath.Join(s.Data, "receipt.key") }

// newKey makes a key where the service has none yet, or a new one is asked
// for. Another process may have made it a moment ago, before the trail knew.
func (s *Service) newKey(known []ed25519.PublicKey) (*audit.Signer, error) {
	if len(known) == 0 || s.NewKey {
		return audit.MakeSigner(s.keyFile())
	}
	signer, err := audit.ReadSigner(s.keyFile())
	if kit.CodeOf(err) == kit.NotFound {
		return nil, kit.Errorf(kit.Conflict, "open the key of receipts: %s is gone, and this database's receipts are signed with %s",
			s.keyFile(), base64.StdEncoding.EncodeToString(known[len(known)-1])).
			WithHint("bring it back from a backup, name it with --key FILE or %s, or sign with another from now on with --new-key", keyVariable)
	}
	return signer, err
}

func isKnown(known []ed25519.PublicKey, key ed25519.PublicKey) bool {
	return slices.ContainsFunc(known, func(k ed25519.PublicKey) bool { return k.Equal(key) })
}

// noteKey makes key one of the service's, unless another process just did. It
// may be the first only by what is in the trail now: two machines that start
// at once on a new database, each with a folder of its own, have both seen none.
func (s *Service) noteKey(ctx context.Context, key ed25519.PublicKey) error {
	return s.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		ctx, err := audit.Hold(ctx, tx)
		if err != nil {
			return err
		}
		known, err := audit.Keys(ctx, tx)
		if err != nil || isKnown(known, key) {
			return err
		}
		if len(known) > 0 && !s.NewKey {
			return kit.Errorf(kit.Conflict, "open the key of receipts: it is none that this database's receipts are signed with").
				WithHint("is --data, --key or %s of another service? --new-key makes it one of this service from now on", keyVariable)
		}
		return audit.AddKey(ctx, tx, kit.Now(), "system", key)
	})
}
