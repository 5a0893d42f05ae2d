package openai_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/openai"
)

func Example() {
	// Stands for `vllm serve --served-model-name small` on two machines, one of
	// which is down.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/models":
			fmt.Fprint(w, `{"data":[{"id":"small","owned_by":"vllm","root":"Qwen/Qwen3-4B"}]}`)
		case "/version":
			fmt.Fprint(w, `{"version":"0.11.0"}`)
		default:
			fmt.Fprint(w, `{"choices":[{"message":{"content":"{\"name\":\"Abc\"}"},"finish_reason":"stop","logprobs":{"content":[
				{"token":"{\"name\":\"","logprob":0},{"token":"Abc","logprob":-0.1},{"token":"\"}","logprob":0}]}}]}`)
		}
	}))
	defer server.Close()

	prompts, err := model.LoadPrompts(promptFiles, "prompts")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := openai.New(openai.Config{URLs: []string{"http://127.0.0.1:1/v1", server.URL + "/v1"}, Model: "small", Prompts: prompts})
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
	fmt.Printf("%s on %s: %s = %s, confidence %.2f, line %d\n", draft.Model.Name, draft.Model.Server, f.Path, f.Value, f.Confidence, f.Evidence[0].Line)
	// Output: small on vllm 0.11.0: name = "Abc", confidence 0.90, line 1
}
