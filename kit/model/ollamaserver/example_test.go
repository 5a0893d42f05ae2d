package ollamaserver_test

import (
	"fmt"

	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// A server is named as Ollama's own programs read it.
func ExampleAddress() {
	for _, text := range []string{"", "0.0.0.0", "gpu-1:8000"} {
		fmt.Println(ollamaserver.Address(text))
	}
	// Output:
	// http://127.0.0.1:11434 <nil>
	// http://127.0.0.1:11434 <nil>
	// http://gpu-1:8000 <nil>
}
