package model

import "fmt"

// Options are the front matter of a prompt file: how the model is to answer.
type Options struct {
	System      string  `yaml:"system"`      // who the model is; or {{define "system"}} in the body. Defaults to ""
	Temperature float64 `yaml:"temperature"` // Defaults to 0
	Seed        int     `yaml:"seed"`        // Defaults to 0
	MaxTokens   int     `yaml:"max_tokens"`  // length limit of the answer. Defaults to 1024
	NumCtx      int     `yaml:"num_ctx"`     // tokens of prompt and answer together. Defaults to 8192
	Tries       int     `yaml:"tries"`       // answers asked for until one validates. Defaults to 3
	Samples     int     `yaml:"samples"`     // further answers to a draft that is not sure of itself. Defaults to 0; 5 is usual
	Borderline  float64 `yaml:"borderline"`  // the raw confidence of the least sure field below which they are drawn. Defaults to 0.8
}

// maxSamples bounds what one draft may cost.
const maxSamples = 20

func (o *Options) fill() error {
	for _, d := range []struct {
		name  string
		value *int
		def   int
	}{{"max_tokens", &o.MaxTokens, 1024}, {"num_ctx", &o.NumCtx, 8192}, {"tries", &o.Tries, defaultTries}} {
		if *d.value < 0 {
			return fmt.Errorf("%s is %d, must be positive", d.name, *d.value)
		}
		if *d.value == 0 {
			*d.value = d.def
		}
	}
	if o.Temperature < 0 || o.Temperature > 2 {
		return fmt.Errorf("temperature is %g, must be between 0 and 2", o.Temperature)
	}
	if o.Samples < 0 || o.Samples > maxSamples {
		return fmt.Errorf("samples is %d, must be between 0 and %d", o.Samples, maxSamples)
	}
	if o.Borderline < 0 || o.Borderline > 1 {
		return fmt.Errorf("borderline is %g, must be between 0 and 1", o.Borderline)
	}
	if o.Borderline == 0 {
		o.Borderline = 0.8
	}
	return nil
}

// sampled is o for the n-th further sample; 0 is the draft itself.
func (o Options) sampled(n int) Options {
	if n > 0 {
		o.Temperature = max(o.Temperature, SampleTemperature)
		o.Seed += n
	}
	return o
}
