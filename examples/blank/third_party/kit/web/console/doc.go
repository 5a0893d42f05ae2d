// Package console is the web console in which people review drafts: sign-in,
// inbox, review page, cases and deliveries, in English and Chinese.
//
// Register puts its pages on an echo server. The pages are plain HTML forms
// that work with scripts off; a little script adds keys, live marks and the
// renewal of leases. All effects go through a Service, which decides who may
// do what: the console shows and asks, and never decides by itself.
//
//	e := echo.New()
//	err := console.Register(e, console.Config{
//		Service:  runner,   // *workflow.Runner
//		Accounts: accounts, // *auth.Accounts
//		Sessions: auth.Sessions(db, kit.Now),
//		Name:     "Receipts desk",
//	})
//
// What a document, a model or a file name says is data everywhere: it is
// escaped by html/template, and the Content-Security-Policy allows no script or
// style but the console's own files.
package console
