package ollamaserver

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/ollama/ollama/api"

	"github.com/tackhammer/tackhammer/kit"
)

// Installed is a model that a server has.
type Installed struct {
	Name         string // as in `ollama list`
	Digest       string // hex SHA-256
	Size         int64  // on the disk, in bytes
	Parameters   string // "4.3B" as the server tells it
	Quantization string // "Q4_K_M" as the server tells it
	Remote       string // the host that really runs it; "" where this server does
}

// Details are what a server tells of one model.
type Details struct {
	Licence      string         // the whole text; "" where the server tells none
	Capabilities []string       // "completion", "vision", "embedding", …
	Context      int            // the longest that the model was made for, in tokens; 0 where unknown
	File         string         // of the weights, on the server's disk; "" where unknown
	Info         map[string]any // the GGUF's metadata
}

// nameShape is what a server takes for a name: [HOST/][NAMESPACE/]MODEL[:TAG].
var nameShape = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[0-9]+)?(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$`)

// ValidName reports whether name can be a model's: such a name is safe to print,
// to write into a file and to send.
func ValidName(name string) bool {
	return len(name) <= 200 && nameShape.MatchString(name) && !strings.Contains(name, "..")
}

// List tells what a server has, the smallest first. A model whose name is none
// (see ValidName) is left out. It fails with kit.Unavailable when none answers
// at the address server ("" is DefaultURL).
func List(ctx context.Context, server string) ([]Installed, error) {
	client, err := Client(server, http.DefaultClient)
	if err != nil {
		return nil, err
	}
	found, err := client.List(ctx)
	if err != nil {
		return nil, unreached("list the models", err)
	}
	var all []Installed
	for _, m := range found.Models {
		if ValidName(m.Name) {
			all = append(all, Installed{Name: m.Name, Digest: m.Digest, Size: m.Size, Parameters: m.Details.ParameterSize,
				Quantization: m.Details.QuantizationLevel, Remote: m.RemoteHost})
		}
	}
	slices.SortStableFunc(all, func(a, b Installed) int { return cmp.Or(cmp.Compare(a.Size, b.Size), cmp.Compare(a.Name, b.Name)) })
	return all, nil
}

// Show tells of one model. It fails with kit.NotFound for one that the server
// does not have, and with kit.Unavailable when none answers.
func Show(ctx context.Context, server, name string) (Details, error) {
	client, err := Client(server, http.DefaultClient)
	if err != nil {
		return Details{}, err
	}
	r, err := client.Show(ctx, &api.ShowRequest{Model: name})
	switch {
	case StatusOf(err) == http.StatusNotFound:
		return Details{}, NoModel(name)
	case err != nil:
		return Details{}, unreached("tell of "+name, err)
	}
	d := Details{Licence: r.License, File: weights(r.Modelfile), Info: r.ModelInfo}
	for _, c := range r.Capabilities {
		d.Capabilities = append(d.Capabilities, string(c))
	}
	d.Context = int(d.figure("context_length"))
	return d, nil
}

// figure is a number of the GGUF's metadata, by its name below the
// architecture's; 0 where there is none. Of a list it is the largest.
func (d Details) figure(name string) float64 {
	architecture, _ := d.Info["general.architecture"].(string)
	switch v := d.Info[architecture+"."+name].(type) {
	case float64:
		return v
	case []any:
		most := 0.0
		for _, one := range v {
			f, _ := one.(float64)
			most = max(most, f)
		}
		return most
	}
	return 0
}

// weights is the file that a Modelfile begins from, "" where it names none.
func weights(modelfile string) string {
	for line := range strings.Lines(modelfile) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "FROM "); ok && strings.ContainsAny(path, `/\`) {
			return strings.Trim(strings.TrimSpace(path), `"`)
		}
	}
	return ""
}

// Pulling tells how far a pull is: the step in the server's words, and bytes of
// the present file, 0 where nothing is being fetched.
type Pulling struct {
	Step        string
	Done, Total int64
}

// Pull makes a server fetch a model; told hears how it goes. It fails with
// kit.Unavailable when the server breaks off or cannot fetch it.
func Pull(ctx context.Context, server, name string, told func(Pulling)) error {
	if !ValidName(name) {
		return kit.Errorf(kit.Invalid, "pull %q: it is no model's name", name).WithHint("write it as `ollama list` shows it, such as qwen3:4b")
	}
	client, err := Client(server, http.DefaultClient)
	if err != nil {
		return err
	}
	last := ""
	err = client.Pull(ctx, &api.PullRequest{Model: name}, func(p api.ProgressResponse) error {
		last = p.Status
		told(Pulling{Step: p.Status, Done: p.Completed, Total: p.Total})
		return nil
	})
	if err == nil && last != "success" { // the client takes a killed connection for the end
		err = ErrBrokeOff
	}
	if err == nil {
		return nil
	}
	e := kit.Errorf(kit.Unavailable, "pull %s: %s", name, Short(err)).WithHint("does the server reach its registry, and is the name right?")
	e.Err = err
	return e
}

// LocalServer reports whether a server's address is of this machine.
func LocalServer(server string) bool {
	u, err := Address(server)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
