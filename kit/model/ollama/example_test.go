package ollama_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing/fstest"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/ollama"
)

func Example() {
	// Stands for `ollama serve` with the model "small".
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/tags" {
			fmt.Fprint(w, `{"models":[{"name":"small:latest","digest":"4854104f"}]}`)
			return
		}
		fmt.Fprintln(w, `{"message":{"content":"{\"name\":\"Abc"},"logprobs":[{"token":"{\"name\":\"","logprob":0},{"token":"Abc","logprob":-0.1}]}`)
		fmt.Fprintln(w, `{"message":{"content":"\"}"},"logprobs":[{"token":"\"}","logprob":0}],"done":true,"done_reason":"stop"}`)
	}))
	defer server.Close()

	prompts, err := model.LoadPrompts(fstest.MapFS{"prompts/name.md": {Data: []byte("Which shop wrote this receipt?\n{{.Source}}\n")}}, "prompts")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := ollama.New(ollama.Config{URL: server.URL, Model: "small", Prompts: prompts})
	if err != nil {
		fmt.Println(err)
		return
	}
	draft, err := model.Extract[kit.Document, shape](p, "name")(context.Background(), kit.Document{Text: "ABC\nTOTAL 5.00\n"})
	if err != nil {
		fmt.Println(err)
		return
	}
	f := draft.Fields[0]
	fmt.Printf("%s: %s = %s, confidence %.2f, line %d\n", draft.Model.Name, f.Path, f.Value, f.Confidence, f.Evidence[0].Line)
	// Output: small: name = "Abc", confidence 0.90, line 1
}
