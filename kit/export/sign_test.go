package export_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

// sign computes a v1 signature from the words of the specification, without the
// library.
func sign(t *testing.T, content string) string {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha256.New, key)
	h.Write([]byte(content))
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// TestSignatureVector is the example of the Standard Webhooks specification.
func TestSignatureVector(t *testing.T) {
	got := sign(t, `msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}`)
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
