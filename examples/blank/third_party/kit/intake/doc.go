// Package intake turns the files that users have into kit.Document: plain
// text, the table of an OCR run, a PDF with text, or a picture of a page.
//
// Start with Reader, whose zero value works. It looks at the bytes before it
// looks at the name, refuses what it cannot read with a kit.Error that names
// the file, and records where on the page each run of text stands, so that a
// reviewer can be shown the place a value came from.
//
//	files, refused := intake.Files([]string{"inbox/"})
//	for _, f := range files {
//		doc, blob, err := reader.ReadFile(ctx, f.Path)
//		...
//	}
//
// # What the text of a document promises
//
// Text is valid UTF-8 in Unicode's composed form (NFC). Lines end in "\n".
// Control characters other than tab, and the marks that reorder text on the
// screen, are dropped: what a person reads is what a model reads. All this is
// done before offsets are taken, so a span always cuts out whole characters.
// Runs that stand in one row of a scan share a line, parted by two spaces.
//
// # What a file cannot do
//
// Files come from strangers. A file over a limit is refused before it is
// unpacked, a broken PDF ends in a refusal and not in a panic, reading has an
// end in time, and a name never leads anywhere. A page of a PDF that is a mere
// picture adds no text; a PDF of nothing else is refused.
package intake
