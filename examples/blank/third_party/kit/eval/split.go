package eval

import (
	"crypto/sha256"
	"encoding/binary"
)

// Part is what a labelled case may be used for. A case stays in its part for
// ever, however many others come: what was learned from is never judged on.
type Part string

// The parts of labelled cases.
const (
	Train     Part = "train"     // 50 %: to learn from
	Calibrate Part = "calibrate" // 15 %: to turn signs into probabilities
	Certify   Part = "certify"   // 35 %: to certify thresholds, and to choose models
)

// Where the parts end.
const (
	trains     = 0.50
	calibrates = 0.65
)

// Share is how much of all labelled cases the part has, 0 to 1.
func (p Part) Share() float64 {
	switch p {
	case Train:
		return trains
	case Calibrate:
		return calibrates - trains
	case Certify:
		return 1 - calibrates
	}
	return 0
}

// Split tells the part of a labelled case by its key, the hash of what the
// model reads: two copies of a document are in one part. It draws by the first
// eight bytes of the key's SHA-256, so that the part hangs on nothing else.
func Split(key string) Part {
	sum := sha256.Sum256([]byte(key))
	at := float64(binary.BigEndian.Uint64(sum[:8])) / (1 << 64)
	switch {
	case at < trains:
		return Train
	case at < calibrates:
		return Calibrate
	}
	return Certify
}
