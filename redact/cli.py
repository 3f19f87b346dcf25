"""The command line. Reports go to stdout with ``--json``; everything for people goes to stderr.

Exit codes: 0 all done, 3 something needs review, 4 something was rejected, 2 wrong usage, 1 our fault, 130 interrupted.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from redact.cli_options import LangChoice, LangOption
from redact.cli_serve import DataOption, keys, run_service
from redact.texts import Lang

# Only what --help needs is imported above: the models' libraries take seconds to load.

_HELP = """申请材料姓名遮盖：给出文件和申请人姓名，得到遮盖并复查过的文件、结论（是/否/复核）和报告。

Masks one person's name in scanned application documents, verifies that it is gone, and reports for each page whether it
had to be masked (是 / 否 / 复核). Nothing leaves this computer."""

_EXITS = "退出码 / exit codes: 0 完成 done · 3 待复核 review · 4 退回 rejected · 2 用法错误 usage · 1 程序错误 our fault"

app = typer.Typer(
    help=_HELP,
    epilog=_EXITS,
    no_args_is_help=True,
    add_completion=False,
    # A traceback with the values of variables would print the name.
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


FilesArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE",
        help="图片、PDF、OFD、Word 文档，或装有它们的 ZIP。Pictures, PDF, OFD and Word files, or a ZIP of them.",
    ),
]


class RetryChoice(StrEnum):
    rejected = "rejected"
    review = "review"


NameOption = Annotated[
    str | None,
    typer.Option("--name", metavar="NAME", help="申请人姓名，不给则询问。The applicant's name; asked for where missing."),
]
AliasOption = Annotated[
    list[str] | None,
    typer.Option("--alias", metavar="A", help="别名、外文名，可多次给出。Another way the name is written; repeatable."),
]
NameFileOption = Annotated[
    str | None,
    typer.Option(
        "--name-file",
        metavar="FILE|-",
        help="从文件或标准输入读姓名（首行姓名，其后每行一个别名）， 不出现在进程列表里。 "
        "Read the name from a file or stdin (first line; aliases below), so that the process list does not show it.",
    ),
]
AcceptPoorOption = Annotated[
    bool,
    typer.Option(
        "--accept-poor",
        help="不清楚、不完整的页面也处理，结果一律待复核。"
        "Treat unclear or incomplete pages too; the result is then always for review.",
    ),
]
KeepTextOption = Annotated[
    bool,
    typer.Option(
        "--keep-text",
        help="PDF 中能证明不含姓名的文字保留为可搜索、可复制的文字；其余页面转为图片，报告逐页说明。"
        "Keep a PDF's text searchable where it can be proved clean; other pages become pictures, and the report says which.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="每个文件向标准输出写一行 JSON 报告。One JSON report per line on stdout.")
]
ModelsOption = Annotated[
    Path | None,
    typer.Option("--models-dir", metavar="DIR", help="模型文件夹。Folder of models (else REDACT_MODELS_DIR)."),
]


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("redact-titles"))
        raise typer.Exit


@app.callback()
def prepare(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="版本。Print the version.")
    ] = False,
) -> None:
    from redact.console import use_utf8

    use_utf8()


@app.command(
    epilog="例 / examples:\n\n"
    "redact mask 身份证.jpg 毕业证.pdf --name 张三\n\n"
    'redact mask scans/* --name 欧阳小明 --alias "Ouyang Xiaoming" --out masked\n\n'
    "redact mask a.pdf --name-file name.txt --json > reports.jsonl"
)
def mask(
    files: FilesArgument,
    name: NameOption = None,
    alias: AliasOption = None,
    name_file: NameFileOption = None,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="输出文件夹；从不覆盖文件。Outputs go here; nothing is overwritten."),
    ] = Path("masked"),
    accept_poor: AcceptPoorOption = False,
    keep_text: KeepTextOption = False,
    json: JsonOption = False,
    models_dir: ModelsOption = None,
    lang: LangOption = LangChoice.zh,
) -> None:
    """找到并遮盖姓名。Find the name and mask it.

    遮盖后的文件写入 --out；需要人工确认的写入其中的 review/；每个文件旁有 .report.json。原文件不会改动。

    Masked files are written to --out, those that a person must confirm to review/ inside it, each with a .report.json.
    Originals are never touched.

    不清楚或不完整的文件视为未上传，退回并说明原因。Unclear or incomplete files count as not uploaded: they are rejected, and
    the report says why.
    """
    from redact.cli_name import read_name
    from redact.cli_run import mask_files

    words: Lang = lang.value
    given = read_name(name, alias or [], name_file, lang=words)
    choices = {"accept_poor": accept_poor, "keep_text": keep_text, "json": json}
    sys.exit(mask_files(files, given, out=out, models_dir=models_dir, lang=words, **choices))


@app.command(
    epilog="例 / examples:\n\n"
    "redact screen 身份证.jpg 毕业证.pdf\n\n"
    "redact screen scans/* --upright --out upright\n\n"
    "redact screen a.pdf --json > screening.jsonl"
)
def screen(
    files: FilesArgument,
    upright: Annotated[
        bool,
        typer.Option(
            "--upright",
            help="把方向不正、歪斜的页面转正，另存到 --out。Save copies with turned and tilted pages put upright in --out.",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="--upright 的输出文件夹，默认 upright；从不覆盖文件。"
            "Where --upright puts its copies (default: upright); nothing is overwritten.",
        ),
    ] = None,
    json: JsonOption = False,
    models_dir: ModelsOption = None,
    lang: LangOption = LangChoice.zh,
) -> None:
    """检查上传的材料能否打开、是否清楚、完整、端正。Check that uploads open, and are clear, complete and upright.

    退出码 0 表示全部合格，4 表示有文件应退回重传。原文件不会改动。

    Exits with 0 where all are in order, with 4 where one should be uploaded anew. Originals are never touched.
    """
    from redact.cli_screen import screen_files

    words: Lang = lang.value
    sys.exit(screen_files(files, upright=upright, out=out, json=json, models_dir=models_dir, lang=words))


@app.command(
    epilog="例 / examples:\n\n"
    "redact batch 申报材料 --roster 名册.xlsx --out 结果\n\n"
    "redact batch uploads --roster roster.csv --out masked --dry-run\n\n"
    "redact batch uploads --roster roster.csv --out masked --retry rejected"
)
def batch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="所有申请人的文件。All applicants' files.")],
    roster: Annotated[
        Path,
        typer.Option(
            "--roster",
            metavar="ROSTER",
            help="名册：CSV（UTF-8、GBK）或 XLSX，列为 file,name[,aliases] 或 文件,姓名[,别名]；file 是 FOLDER 里的文件或文件夹，"
            "别名用分号隔开。Whose each file is: CSV or XLSX with file,name[,aliases]; file is a path in FOLDER, or a folder of "
            "it; aliases are separated by semicolons.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="输出文件夹。Outputs and reports go here.")],
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", metavar="N", min=1, help="工作进程数，默认按处理器和内存。Worker processes; by cores and memory."
        ),
    ] = None,
    retry: Annotated[
        list[RetryChoice] | None,
        typer.Option("--retry", help="重做退回或待复核的，可多次给出。Do again what was rejected, or is for review; repeatable."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说明要做什么。Say what would be done, and do nothing.")] = False,
    with_names: Annotated[
        bool,
        typer.Option(
            "--with-names",
            help="报告里写姓名、放原件的缩略图。Names, and small pictures of the originals, in the reports.",
        ),
    ] = False,
    accept_poor: AcceptPoorOption = False,
    keep_text: KeepTextOption = False,
    models_dir: ModelsOption = None,
    lang: LangOption = LangChoice.zh,
) -> None:
    """处理整个文件夹，可随时中断、继续。Mask a whole folder; it can be interrupted, and goes on where it stopped.

    结果按原来的文件夹结构写入 --out，待复核的在其中的 review/；另有 report.jsonl、report.xlsx、report.html。再次运行只处理新的、
    改动过的。原文件不会改动；但它们不在了，或换了申请人，相应的旧输出会被移除。

    Outputs mirror FOLDER's tree in --out, those for review in its folder review/, with report.jsonl, report.xlsx and report.html.
    The same command again does only what is new or has changed. Originals are never touched; outputs of those that are gone, or
    belong to another applicant now, are removed.
    """
    from redact.batch.plan import Options
    from redact.cli_batch import Call, run_batch
    from redact.values import Status

    options = Options(accept_poor=accept_poor, keep_text=keep_text, with_names=with_names)
    again = tuple(Status(choice.value) for choice in retry or ())
    sys.exit(run_batch(Call(folder, roster, out, workers, again, dry_run, options, models_dir, lang.value)))


@app.command(epilog="例 / example:\n\nredact verify masked/毕业证.pdf --name 张三")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="任何图片或 PDF。Any picture or PDF.")],
    name: NameOption = None,
    alias: AliasOption = None,
    name_file: NameFileOption = None,
    json: JsonOption = False,
    models_dir: ModelsOption = None,
    lang: LangOption = LangChoice.zh,
) -> None:
    """在文件里查找残留的姓名。Search any file for leaks of a name.

    检查画面、文字层、元数据和原始字节。退出码 0 表示没有找到，3 表示找到了。

    Searches what is seen, the text layer, metadata and raw bytes. Exits with 0 where nothing is found, else with 3.
    """
    from redact.cli_name import read_name
    from redact.cli_run import verify_file

    words: Lang = lang.value
    given = read_name(name, alias or [], name_file, lang=words)
    sys.exit(verify_file(file, given, json=json, models_dir=models_dir, lang=words))


@app.command(
    epilog="例 / examples:\n\nredact serve\n\nredact keys add 申报平台\n\nredact serve --host 0.0.0.0 --data /srv/redact"
)
def serve(
    host: Annotated[
        str | None, typer.Option("--host", metavar="H", help="监听的地址，默认 127.0.0.1。Address to listen on.")
    ] = None,
    port: Annotated[int | None, typer.Option("--port", metavar="P", help="端口，默认 8000。Port.")] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", help="工作进程数，默认按处理器和内存。Worker processes; by cores and memory."),
    ] = None,
    data: DataOption = None,
    models_dir: ModelsOption = None,
    lang: LangOption = LangChoice.zh,
) -> None:
    """启动网页和 HTTP 服务。Run the page and the HTTP service.

    没有密钥时只接受本机的访问；其余设置见 README（环境变量 REDACT_...）。

    Without keys it answers this computer alone. Further settings are variables REDACT_..., see README.
    """
    given = {"host": host, "port": port, "workers": workers, "data_dir": data, "models_dir": models_dir}
    sys.exit(run_service(given, lang.value))


app.add_typer(keys, name="keys")


@app.command(epilog="例 / example:\n\nredact demo --out try-it")
def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="结果文件夹。Where the results go.")] = Path("redact-demo"),
    models_dir: ModelsOption = None,
    lang: LangOption = LangChoice.zh,
) -> None:
    """画一套虚构的申请材料并遮盖，拼成对照图。Draw a made-up application, mask it, show before and after."""
    from redact.demo import run_demo

    sys.exit(run_demo(out, models_dir=models_dir, lang=lang.value))
