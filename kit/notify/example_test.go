package notify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/notify"
)

func Example() {
	group := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Markdown struct{ Content string } }
		_ = json.NewDecoder(r.Body).Decode(&body)
		fmt.Println(body.Markdown.Content)
		fmt.Fprint(w, `{"errcode":0,"errmsg":"ok"}`)
	}))
	defer group.Close()
	ch, err := notify.New(notify.Config{Kind: nail.WeCom, URL: group.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ch.Send(context.Background(), notify.Message{Lang: "en", Service: "Receipts", URL: "https://desk.example/inbox",
		Waiting: 3, Oldest: 5 * time.Hour, Items: []notify.Item{{Kind: "escalated", Name: "scan-17.png", URL: "https://desk.example/reviews/17"}}}))
	// Output:
	// ### Receipts: 3 to review
	// Waiting: 3, the oldest for 5 h
	// > Waits too long: [scan-17.png](https://desk.example/reviews/17)
	// [Open the console and sign in](https://desk.example/inbox)
	// Decisions are made in the console alone. Opening a link decides nothing.
	// <nil>
}
