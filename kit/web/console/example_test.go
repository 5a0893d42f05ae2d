package console_test

import (
	"fmt"
	"io"
	"net/http/httptest"
	"strings"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit/web/console"
)

func ExampleRegister() {
	e := echo.New()
	service := newWorld() // in an app: a *workflow.Runner and auth.Accounts
	err := console.Register(e, console.Config{Service: service, Accounts: service, Sessions: memstore.New(), Name: "Receipts desk"})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer := httptest.NewRecorder()
	e.ServeHTTP(answer, httptest.NewRequest("GET", "/inbox", nil))
	fmt.Println(answer.Code, answer.Header().Get("Location"))

	answer = httptest.NewRecorder()
	e.ServeHTTP(answer, httptest.NewRequest("GET", "/signin?lang=zh", nil))
	page, _ := io.ReadAll(answer.Body)
	fmt.Println(answer.Code, strings.Contains(string(page), "登录 · Receipts desk"))
	// Output:
	// 303 /signin?next=%2Finbox
	// 200 true
}
