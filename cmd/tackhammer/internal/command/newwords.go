package command

// newWords are what the wizard of `new` says.
type newWords struct {
	template, name, folder, module     prompt
	model, otherModel, candidates      prompt
	lang, db                           prompt
	fields, fieldName, fieldType       prompt
	fieldValues, fieldTold             prompt
	what, where, who, how, own, adding prompt // heads of pages
	summary                            prompt

	baseline, installed, other, noServer string
	langs, dbs, fieldTypes               map[string]string
	enough, add, takeOut                 string
	write, show, change, leave           string
	yes, no                              string
	labels                               [12]string // of the summary
	files                                string
}

// The rows of the summary, as labels has them.
const (
	rowTemplate = iota
	rowName
	rowFolder
	rowModule
	rowModel
	rowCandidates
	rowLang
	rowDB
	rowAnswer
	rowFields
	rowFiles
	rowNext
)

var newWordsIn = map[string]newWords{"en": newEnglish, "zh": newChinese}

var newEnglish = newWords{
	what:  prompt{"A new app", "What it does, and what people call it"},
	where: prompt{"Where it goes", "The folder is made; nothing is written before you say so"},
	who:   prompt{"The model", "A person decides on every draft, whoever makes it"},
	how:   prompt{"How it runs", ""},
	own:   prompt{"What the template asks", ""},

	template:   prompt{"What is it to do?", ""},
	name:       prompt{"What do people call it?", "In any language, such as: Receipts desk"},
	folder:     prompt{"In which folder?", "One that is not there yet, or an empty one"},
	module:     prompt{"What is its Go module?", "Where its source will be; it can change later"},
	model:      prompt{"Who drafts?", "Begin with the rules: `pick` finds the smallest model that is better"},
	otherModel: prompt{"Which model?", "Its name in Ollama, such as qwen3:4b"},
	candidates: prompt{"Which others should `pick` try?", "Space marks; none is fine"},
	lang:       prompt{"The console's first language", "Each person can choose another"},
	db:         prompt{"Where are the cases kept?", ""},

	adding:      prompt{"Fields", "Besides the template's own; more can come later with tackhammer add"},
	fields:      prompt{"Is there more to draft?", ""},
	fieldName:   prompt{"The field's name", "In lower case with underscores, such as tax_amount"},
	fieldType:   prompt{"What is it?", ""},
	fieldValues: prompt{"Which values can it have?", "Parted by commas, such as: food, travel, office"},
	fieldTold:   prompt{"What is the model told of it?", "In a sentence, such as: the tax that is printed; empty is fine"},
	summary:     prompt{"This will be written", ""},

	baseline:  "the app's own rules, with no model and no server",
	installed: "installed here",
	other:     "another model of Ollama",
	noServer:  "No Ollama server answers at %s: a model can be pulled later.",

	langs:      map[string]string{"en": "English", "zh": "Chinese"},
	dbs:        map[string]string{"sqlite": "SQLite: a file in the app's folder", "postgres": "PostgreSQL: for several machines"},
	fieldTypes: map[string]string{"text": "a line of text", "date": "a day", "number": "a number", "money": "an amount of money", "yes-no": "yes or no", "choice": "one of some values"},

	enough: "No, go on", add: "Yes, add a field", takeOut: "Take %s out again",
	write: "Yes, write it", show: "Yes, show every file", change: "No, change something", leave: "No, leave it", yes: "Yes", no: "No",
	labels: [12]string{"template", "name", "folder", "module", "drafts", "pick tries", "language", "database", "answer", "fields", "files", "next"},
	files:  "%d, and the kit with %d",
}

var newChinese = newWords{
	what:  prompt{"新应用", "它做什么，叫什么名字"},
	where: prompt{"放在哪里", "文件夹会新建；在你确认之前什么都不会写入"},
	who:   prompt{"模型", "不论谁起草，每份草稿都由人决定"},
	how:   prompt{"怎样运行", ""},
	own:   prompt{"模板的问题", ""},

	template:   prompt{"它要做什么？", ""},
	name:       prompt{"它叫什么名字？", "任何语言都可以，例如：票据台"},
	folder:     prompt{"放在哪个文件夹？", "还不存在的，或空的文件夹"},
	module:     prompt{"它的 Go 模块路径？", "源代码将来的位置；以后可以改"},
	model:      prompt{"谁来起草？", "先用规则：`pick` 会找出更好的最小模型"},
	otherModel: prompt{"哪个模型？", "它在 Ollama 里的名字，例如 qwen3:4b"},
	candidates: prompt{"`pick` 还要试哪些模型？", "按空格勾选；不选也可以"},
	lang:       prompt{"控制台的默认语言", "每个人都可以另选"},
	db:         prompt{"案例存在哪里？", ""},

	adding:      prompt{"字段", "模板自带之外的字段；以后可用 tackhammer add 添加"},
	fields:      prompt{"还要起草别的字段吗？", ""},
	fieldName:   prompt{"字段名", "小写英文加下划线，例如 tax_amount"},
	fieldType:   prompt{"它是什么？", ""},
	fieldValues: prompt{"可以有哪些值？", "用逗号分开，例如：餐饮，交通，办公"},
	fieldTold:   prompt{"怎样向模型说明它？", "一句话，例如：票面上的税额；可以留空"},
	summary:     prompt{"将要写入", ""},

	baseline:  "应用自带的规则，不需要模型和服务器",
	installed: "本机已安装",
	other:     "Ollama 的其他模型",
	noServer:  "%s 没有 Ollama 服务器应答：模型可以以后再下载。",

	langs:      map[string]string{"en": "英文", "zh": "中文"},
	dbs:        map[string]string{"sqlite": "SQLite：应用文件夹里的一个文件", "postgres": "PostgreSQL：供多台机器使用"},
	fieldTypes: map[string]string{"text": "一行文字", "date": "日期", "number": "数字", "money": "金额", "yes-no": "是或否", "choice": "几个值之一"},

	enough: "没有了，继续", add: "有，添加一个字段", takeOut: "去掉 %s",
	write: "是，写入", show: "是，列出每个文件", change: "不，修改一下", leave: "不，放弃", yes: "是", no: "否",
	labels: [12]string{"模板", "名字", "文件夹", "模块", "起草", "pick 试用", "语言", "数据库", "回答", "字段", "文件", "接下来"},
	files:  "%d 个，另有框架的 %d 个",
}
