package app

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit/export"
)

// documented are the keys that each trainer's documents name:
//
//	TRL            docs/source/clis.md with SFTConfig, ModelConfig and ScriptArguments of docs/source/sft_trainer.md, script_utils.md
//	LLaMA-Factory  examples/train_qlora and examples/merge_lora
//	Axolotl        docs/config-reference
var documented = map[string]string{
	"trl": ` model_name_or_path dataset_name dataset_train_split dataset_test_split eval_strategy max_length packing completion_only_loss load_in_4bit
		bnb_4bit_quant_type use_bnb_nested_quant use_peft lora_r lora_alpha lora_dropout lora_target_modules per_device_train_batch_size
		per_device_eval_batch_size gradient_accumulation_steps gradient_checkpointing bf16 num_train_epochs learning_rate lr_scheduler_type
		warmup_ratio seed output_dir save_strategy logging_steps report_to `,
	"llamafactory": ` model_name_or_path quantization_bit quantization_method stage do_train finetuning_type lora_rank lora_alpha lora_dropout lora_target
		dataset_dir dataset eval_dataset template cutoff_len preprocessing_num_workers output_dir logging_steps save_strategy plot_loss report_to
		per_device_train_batch_size gradient_accumulation_steps learning_rate num_train_epochs lr_scheduler_type warmup_ratio bf16 seed
		per_device_eval_batch_size eval_strategy adapter_name_or_path export_dir export_size export_device export_legacy_format `,
	"axolotl": ` base_model load_in_4bit adapter lora_r lora_alpha lora_dropout lora_target_linear chat_template datasets test_datasets evals_per_epoch
		val_set_size dataset_prepared_path sequence_len sample_packing micro_batch_size gradient_accumulation_steps gradient_checkpointing bf16
		num_epochs optimizer learning_rate lr_scheduler warmup_ratio weight_decay seed output_dir logging_steps saves_per_epoch `,
}

// manifestOf is one of so many examples with the longest of so many tokens.
func manifestOf(tokens, validation int) export.Manifest {
	return export.Manifest{Counts: map[export.Part]int{export.Train: 80, export.Validation: validation}, Length: export.Length{Tokens: tokens}}
}

func TestARecipeHasOnlyDocumentedKeys(t *testing.T) {
	for name, trainer := range trainers {
		for _, validation := range []int{0, 10} {
			dir := t.TempDir()
			if err := recipeOf("desk", name, `org/base "1"`, manifestOf(900, validation)).write(dir, trainer.files); err != nil {
				t.Fatal(err)
			}
			for _, file := range trainer.files {
				raw, err := os.ReadFile(filepath.Join(dir, file))
				if err != nil {
					t.Fatal(err)
				}
				if filepath.Ext(file) == ".yaml" {
					wantKeys(t, name, file, raw, validation > 0)
				} else {
					wantPython(t, filepath.Join(dir, file))
				}
			}
		}
	}
}

// wantKeys checks that a YAML file is read, knows its keys, and says what the
// data are.
func wantKeys(t *testing.T, name, file string, raw []byte, validates bool) {
	t.Helper()
	var got map[string]any
	if err := yaml.UnmarshalWithOptions(raw, &got, yaml.Strict()); err != nil {
		t.Fatalf("%s/%s: %v\n%s", name, file, err, raw)
	}
	for key := range got {
		if !slices.Contains(strings.Fields(documented[name]), key) {
			t.Errorf("%s/%s: %s is no documented key", name, file, key)
		}
	}
	if base := fmt.Sprint(got["model_name_or_path"], got["base_model"]); !strings.Contains(base, `org/base "1"`) {
		t.Errorf("%s/%s: the base is %s", name, file, base)
	}
	if file == "merge.yaml" {
		return
	}
	for _, key := range []string{"max_length", "cutoff_len", "sequence_len"} {
		if n, ok := got[key]; ok && fmt.Sprint(n) != "1024" {
			t.Errorf("%s/%s: %s is %v", name, file, key, n)
		}
	}
	if has := strings.Contains(string(raw), "validation"); has != validates {
		t.Errorf("%s/%s: validates %v, want %v", name, file, has, validates)
	}
}

// wantPython checks that Python reads a file, where there is one.
func wantPython(t *testing.T, path string) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Log("python3 is not installed: the scripts are not parsed")
		return
	}
	if out, err := exec.Command(python, "-c", "import ast,sys; ast.parse(open(sys.argv[1]).read())", path).CombinedOutput(); err != nil {
		t.Errorf("%s: %s", path, out)
	}
}

func TestARecipeFitsTheData(t *testing.T) {
	for _, c := range []struct {
		tokens, sequence, micro, accumulate int
		cut                                 bool
	}{
		{10, 512, 8, 2, false}, {448, 512, 8, 2, false}, {449, 768, 8, 2, false}, {960, 1024, 8, 2, false}, {2000, 2304, 2, 8, false},
		{4000, 4096, 2, 8, false}, {4100, 4352, 1, 16, false}, {8128, 8192, 1, 16, false}, {8129, 8192, 1, 16, true},
	} {
		r := recipeOf("desk", "trl", defaultBase, manifestOf(c.tokens, 1))
		if r.Sequence != c.sequence || r.Micro != c.micro || r.Accumulate != c.accumulate || r.Cut() != c.cut {
			t.Errorf("%d tokens: %d, %d x %d, cut %v", c.tokens, r.Sequence, r.Micro, r.Accumulate, r.Cut())
		}
	}
}

func TestTheRecipesReadmeGoesWithTheTrainer(t *testing.T) {
	for name, words := range map[string][]string{
		"trl":          {"trl sft --config sft.yaml", "python merge.py", "trl==0.24.0", "convert_hf_to_gguf.py"},
		"llamafactory": {"llamafactory-cli train train.yaml", "llamafactory-cli export merge.yaml", "is a guess"},
		"unsloth":      {"python train.py", "Q4_K_M.gguf"},
		"axolotl":      {"axolotl train train.yaml", "axolotl merge-lora train.yaml"},
	} {
		dir := t.TempDir()
		if err := recipeOf("desk", name, "org/new-model", manifestOf(9000, 1)).write(dir, nil); err != nil {
			t.Fatal(err)
		}
		raw, _ := os.ReadFile(filepath.Join(dir, "README.md"))
		for _, want := range append(words, "desk model register model.gguf --name desk-1", "desk pick --try ollama:desk-1", "Longer examples are cut") {
			if !strings.Contains(string(raw), want) {
				t.Errorf("%s: no word of %q in\n%s", name, want, raw)
			}
		}
		for other := range trainers {
			if other != name && strings.Contains(string(raw), other+"==") && name != "unsloth" {
				t.Errorf("%s speaks of %s", name, other)
			}
		}
	}
}
