package ollamaserver

import (
	"fmt"
	"os"

	"github.com/gpustack/gguf-parser-go"

	"github.com/tackhammer/tackhammer/kit"
)

// Need is how much of a GPU's memory a model is estimated to take, in bytes,
// with all of its layers there.
type Need struct {
	Bytes int64
	Rough bool // from the size and the figures that the server tells, not from the weights' file
}

// overhead is what a server takes besides weights and context, in bytes: the
// GPU's own libraries and the buffers of a batch.
const overhead = 512 << 20

// EstimateFile estimates the need of a GGUF file for so many slots of a context
// of so many tokens each. It fails with kit.NotFound where no file is, and with
// kit.Invalid for one that is no GGUF.
func EstimateFile(path string, context, slots int) (need Need, err error) {
	if _, err := os.Stat(path); err != nil {
		return Need{}, kit.Errorf(kit.NotFound, "read the weights: %w", err)
	}
	err = parsed(path, func(f *gguf_parser.GGUFFile) error {
		run := f.EstimateLLaMACppRun(
			gguf_parser.WithLLaMACppContextSize(int32(context*max(1, slots))),
			gguf_parser.WithParallelSize(int32(max(1, slots))),
		)
		for _, gpu := range run.SummarizeItem(false, 0, overhead).VRAMs {
			need.Bytes += int64(gpu.NonUMA)
		}
		if need.Bytes <= 0 {
			return kit.Errorf(kit.Invalid, "read %s: nothing tells how large the weights are", path)
		}
		return nil
	})
	return need, err
}

// Estimate estimates the need from what the server tells, for so many slots of
// a context of so many tokens each: the weights as large as on the disk, two
// bytes for each number of the context's keys and values, and what a server
// takes besides. Where the server tells no layers, the context counts for
// nothing.
func (d Details) Estimate(m Installed, context, slots int) Need {
	heads := d.figure("attention.head_count")
	width := d.figure("attention.key_length")
	if width == 0 && heads > 0 {
		width = d.figure("embedding_length") / heads
	}
	if kv := d.figure("attention.head_count_kv"); kv > 0 {
		heads = kv
	}
	const keysAndValues, bytesEach = 2, 2
	cache := keysAndValues * bytesEach * d.figure("block_count") * heads * width * float64(context) * float64(max(1, slots))
	return Need{Bytes: m.Size + int64(cache) + overhead, Rough: true}
}

// String is the need as people read it: "5.2 GiB", "about 5.2 GiB".
func (n Need) String() string {
	words := fmt.Sprintf("%.1f GiB", float64(n.Bytes)/(1<<30))
	if n.Rough {
		return "about " + words
	}
	return words
}
