package ollama

import (
	"fmt"

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
// of so many tokens each. It fails with kit.Invalid for a file that is no GGUF,
// and with kit.NotFound for one that cannot be read.
func EstimateFile(path string, context, slots int) (need Need, err error) {
	defer func() {
		if r := recover(); r != nil { // the parser trusts what the file says of itself
			need, err = Need{}, kit.Errorf(kit.Invalid, "read the weights: the file is broken: %v", r)
		}
	}()
	f, err := gguf_parser.ParseGGUFFile(path, gguf_parser.SkipLargeMetadata())
	if err != nil {
		return Need{}, kit.Errorf(kit.NotFound, "read the weights: %w", err)
	}
	run := f.EstimateLLaMACppRun(
		gguf_parser.WithLLaMACppContextSize(int32(context*max(1, slots))),
		gguf_parser.WithParallelSize(int32(max(1, slots))),
	)
	sum := run.SummarizeItem(false, 0, overhead)
	for _, gpu := range sum.VRAMs {
		need.Bytes += int64(gpu.NonUMA)
	}
	if need.Bytes <= 0 {
		return Need{}, kit.Errorf(kit.Invalid, "read the weights: nothing tells how large they are")
	}
	return need, nil
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
