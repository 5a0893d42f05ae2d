package export

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/tackhammer/tackhammer/kit"
)

// Part is where an example goes.
type Part string

// The parts of training data.
const (
	Train      Part = "train"
	Validation Part = "validation"
	Test       Part = "test"
)

// Parts lists every part.
var Parts = []Part{Train, Validation, Test}

// Shares are the sizes of the parts in per cent of the groups. They add up to
// 100.
type Shares struct {
	Train      int `json:"train"`
	Validation int `json:"validation"`
	Test       int `json:"test"`
}

func (s Shares) check() error {
	if s.Train < 1 || s.Validation < 0 || s.Test < 0 || s.Train+s.Validation+s.Test != 100 {
		return kit.Errorf(kit.Invalid, "split the examples %d/%d/%d: the parts must add up to 100, with some to train on", s.Train, s.Validation, s.Test).
			WithHint("write for example 80/10/10")
	}
	return nil
}

// part is where the group of a name goes: by its hash, so that it stays there
// when others come.
func (s Shares) part(group string) Part {
	sum := sha256.Sum256([]byte("tackhammer training part\x00" + group))
	switch at := binary.BigEndian.Uint64(sum[:]) % 100; {
	case at < uint64(s.Train):
		return Train
	case at < uint64(s.Train+s.Validation):
		return Validation
	}
	return Test
}

// clusters joins examples that share a group or a text, one with the other: a
// disjoint-set forest over both kinds of names. What is joined goes where the
// group of its oldest example goes, so that later ones do not move it.
type clusters struct {
	parent []int32
	oldest []string // the group of the first example under a root
	names  map[[16]byte]int32
}

// add joins an example's group and text, and returns where it belongs.
func (c *clusters) add(group, text string) int32 {
	a, b := c.root(c.name("group", group, group)), c.root(c.name("text", text, group))
	if b < a { // the older one stays the root
		a, b = b, a
	}
	c.parent[b] = a
	return a
}

// name is the number of a name, given when it is new: the first has the least.
func (c *clusters) name(kind, name, group string) int32 {
	sum := sha256.Sum256([]byte(kind + "\x00" + name))
	key := [16]byte(sum[:16])
	at, known := c.names[key]
	if !known {
		if c.names == nil {
			c.names = map[[16]byte]int32{}
		}
		at = int32(len(c.parent))
		c.names[key] = at
		c.parent, c.oldest = append(c.parent, at), append(c.oldest, group)
	}
	return at
}

func (c *clusters) root(at int32) int32 {
	for c.parent[at] != at {
		c.parent[at] = c.parent[c.parent[at]]
		at = c.parent[at]
	}
	return at
}

// group is the one by which the cluster of an example goes to its part.
func (c *clusters) group(at int32) string { return c.oldest[c.root(at)] }
