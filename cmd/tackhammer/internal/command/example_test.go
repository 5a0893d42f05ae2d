package command_test

import (
	"fmt"
	"os"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/command"
)

func ExampleMain() {
	code := command.Main([]string{"tackhammer", "new", "desk", "--template", "reciepts"}, os.Stdout, os.Stdout)
	fmt.Println("exit", code)
	// Output:
	// tackhammer: find template "reciepts": there is none of that name
	//   hint: did you mean receipts?
	// exit 2
}
