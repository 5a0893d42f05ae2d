package ollamaserver

import (
	"encoding/binary"
	"io"
	"os"

	"github.com/gpustack/gguf-parser-go"

	"github.com/tackhammer/tackhammer/kit"
)

// GGUF is what a weights' file says of itself.
type GGUF struct {
	Architecture string // "llama", "qwen3"
	Adapter      bool   // it changes a base model, and is none by itself
	Size         int64  // bytes
}

// mostEntries bounds what the head of a file may announce: a reader makes room
// for it before it knows better.
const mostEntries = 1 << 20

// ReadGGUF reads the head of a GGUF file and sees that its weights are all
// there. It fails with kit.Invalid for what is none, or breaks off.
func ReadGGUF(path string) (g GGUF, err error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return g, kit.Errorf(kit.Invalid, "read %s: it is no file", path)
	}
	if err == nil {
		err = ggufHead(path)
	}
	if err != nil {
		return g, kit.Errorf(kit.Invalid, "read %s: %w", path, err).WithHint("name a .gguf file, or the folder of a LoRA adapter")
	}
	err = parsed(path, func(f *gguf_parser.GGUFFile) error {
		if missing := tensorsEnd(f) - info.Size(); missing > 0 {
			return kit.Errorf(kit.Invalid, "read %s: the file breaks off: %d bytes of its weights are missing", path, missing).WithHint("copy it again")
		}
		m := f.Metadata()
		g = GGUF{Architecture: m.Architecture, Adapter: m.Type == "adapter", Size: info.Size()}
		return nil
	})
	return g, err
}

// parsed calls f with what the parser makes of a GGUF file. The parser, and what
// it gives, trust what the file says of itself, and panic where that is not so:
// it is kit.Invalid then, as for a file that cannot be parsed.
func parsed(path string, f func(*gguf_parser.GGUFFile) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = kit.Errorf(kit.Invalid, "read %s: the file is broken: %v", path, r)
		}
	}()
	file, err := gguf_parser.ParseGGUFFile(path, gguf_parser.SkipLargeMetadata())
	if err != nil {
		return kit.Errorf(kit.Invalid, "read %s: the file is broken: %w", path, err).WithHint("is the copy whole?")
	}
	return f(file)
}

// ggufHead checks the magic number, the version, and how much is announced.
func ggufHead(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var head [24]byte
	if _, err := io.ReadFull(f, head[:]); err != nil || string(head[:4]) != "GGUF" {
		return kit.Errorf(kit.Invalid, "it is no GGUF file")
	}
	version := binary.LittleEndian.Uint32(head[4:])
	if version < 2 || version > 3 {
		return kit.Errorf(kit.Invalid, "it is a GGUF file of version %d; 2 and 3 can be read", version)
	}
	tensors, entries := binary.LittleEndian.Uint64(head[8:]), binary.LittleEndian.Uint64(head[16:])
	if tensors == 0 || tensors > mostEntries || entries > mostEntries {
		return kit.Errorf(kit.Invalid, "the file is broken: it announces %d tensors and %d entries", tensors, entries)
	}
	return nil
}

// tensorsEnd is where the last byte of the weights stands.
func tensorsEnd(f *gguf_parser.GGUFFile) (end int64) {
	for _, t := range f.TensorInfos {
		end = max(end, f.TensorDataStartOffset+int64(t.Offset)+int64(t.Bytes()))
	}
	return end
}
