// Package templates holds what the command can scaffold, one folder a
// template: a manifest, template.yaml, and the files of an app.
//
// A file whose name ends in .tmpl loses that ending and is run through
// text/template with the delimiters <% and %>; any other file is copied as it
// stands. A Go file of a template always ends in .tmpl, as it belongs to the
// app's module and not to this one; so does a .gitignore, which would hide
// files here. To add a template, copy a folder, change its manifest, name the
// folder at FS below, and run make generate.
//
// The folder common is no template: its files are laid under those of each
// template, and a template's own file of the same name stands before it.
package templates

import "embed"

// FS holds one folder for each template, and common.
//
//go:embed all:blank all:common all:receipts
var FS embed.FS
