"""What people are told, in zh-CN and English: one catalogue from codes to wording.

``message`` says what is the case, ``advice`` what to do about it; both are plain text for an applicant or a reviewer
and hold no private data. Issue codes are the contract's; error codes are those of :mod:`redact.errors`; reason codes
say why a page is 复核. The command line's own words are in :mod:`redact.phrases`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from redact.errors import RedactError

if TYPE_CHECKING:
    # Not when running: redact.values loads numpy, and --help needs only the words.
    from redact.values import Severity

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


class Entry(NamedTuple):
    zh: str
    zh_advice: str
    en: str
    en_advice: str


_LOOK = "请由人工查看该处，确认是否需要遮盖。"
_LOOK_EN = "A person should look at the place and decide whether it must be masked."

# Issue codes and the error codes of attachments share their names: an Encrypted error becomes an "encrypted" issue.
ISSUES: dict[str, Entry] = {
    "unopenable": Entry(
        "文件打不开：已损坏，或不是图片和 PDF。",
        "请用看图软件或 PDF 阅读器确认能打开后再上传。",
        "The file cannot be opened: it is damaged, or is neither a picture nor a PDF.",
        "Check that it opens in a picture or PDF viewer, then upload it again.",
    ),
    "encrypted": Entry(
        "文件设有打开密码。",
        "请去掉密码，另存后再上传。",
        "The file needs a password to open.",
        "Save a copy without the password and upload that.",
    ),
    "empty": Entry(
        "文件是空的，没有内容或没有页面。",
        "请确认选对了文件，然后重新上传。",
        "The file is empty: it has no data or no pages.",
        "Check that it is the right file and upload it again.",
    ),
    "truncated": Entry(
        "文件不完整，后面的部分缺失。",
        "请重新导出或重新传输原文件后再上传。",
        "The file is incomplete: its end is missing.",
        "Export or copy the original again and upload that.",
    ),
    "wrong_type": Entry(
        "文件的类型不对：扩展名与内容不符，或不是可以接收的类型。",
        "请上传 JPG、PNG、TIFF、BMP、WebP、GIF、HEIC、PDF 或 OFD；Word、WPS 等文档请另存为 PDF，压缩包请解压后再上传。",
        "The file is of the wrong type: its extension does not match its content, or its kind is not accepted.",
        "Upload a JPG, PNG, TIFF, BMP, WebP, GIF, HEIC, PDF or OFD; save Word and WPS documents as PDF, unpack archives.",
    ),
    "too_large": Entry(
        "文件太大：字节数、页数或像素超过上限。",
        "请拆成几个文件，或降低扫描分辨率（200–300 dpi 足够）。",
        "The file is too large: too many bytes, pages or pixels.",
        "Split it, or scan at a lower resolution (200–300 dpi is enough).",
    ),
    "blank": Entry(
        "页面是空白的。",
        "请检查是否扫反了面，或混进了空白页。",
        "The page is blank.",
        "Check whether the wrong side was scanned or an empty page slipped in.",
    ),
    "blurred": Entry(
        "页面模糊，文字看不清。",
        "请对准焦距、拿稳后重拍，或用扫描仪扫描。",
        "The page is blurred and its text cannot be read.",
        "Take it again in focus and with a steady hand, or use a scanner.",
    ),
    "low_resolution": Entry(
        "分辨率太低，文字太小。",
        "请用至少 200 dpi 重新扫描；小字用 300 dpi。",
        "The resolution is too low for the text.",
        "Scan again at 200 dpi or more; at 300 dpi for small print.",
    ),
    "too_dark": Entry(
        "画面太暗。",
        "请在光线充足处重拍，或调亮扫描。",
        "The picture is too dark.",
        "Take it again in good light, or scan brighter.",
    ),
    "too_bright": Entry(
        "画面太亮，文字发白。",
        "请降低曝光后重拍，或调暗扫描。",
        "The picture is too bright and the text is washed out.",
        "Take it again with less exposure, or scan darker.",
    ),
    "low_contrast": Entry(
        "文字与底色太接近，看不清。",
        "请调深后重新扫描，或换一份更清楚的原件。",
        "The text hardly stands out from the background.",
        "Scan it again, darker, or use a clearer original.",
    ),
    "glare": Entry(
        "页面有反光，遮住了内容。",
        "请避开灯光直射，去掉塑料封套后重拍。",
        "A reflection hides part of the page.",
        "Take it again away from direct light and out of its plastic cover.",
    ),
    "noisy": Entry(
        "画面噪点或压缩痕迹太多，文字看不清。",
        "请在光线充足处重拍，并按原图上传，不要压缩。",
        "The picture has too much grain, or was compressed too hard, to be read.",
        "Take it again in good light, and upload the original without compressing it.",
    ),
    "rotated": Entry(
        "页面方向不正。",
        "请转正后再上传。",
        "The page is not upright.",
        "Turn it upright and upload it again.",
    ),
    "skewed": Entry(
        "页面歪斜。",
        "请摆正后重新扫描。",
        "The page is tilted.",
        "Straighten it and scan again.",
    ),
    "mirrored": Entry(
        "页面左右颠倒（镜像）。",
        "请关闭相机的镜像功能后重拍。",
        "The page is mirrored.",
        "Turn off the camera's mirror setting and take it again.",
    ),
    "cut_off": Entry(
        "页面不完整，边上的内容被裁掉了。",
        "请把整页放进画面后重新扫描。",
        "The page is incomplete: content is cut off at an edge.",
        "Scan again with the whole page in the picture.",
    ),
    "obscured": Entry(
        "页面有一部分被遮挡。",
        "请移开遮挡物后重新扫描。",
        "Part of the page is covered by something.",
        "Remove what covers it and scan again.",
    ),
    # Also the reason for which a page is 复核.
    "machine_code": Entry(
        "页面有二维码或条形码，其中可能含有姓名，或能查到本人（查询网址、证件号码）。",
        "请由人工判断是否需要遮盖；与个人无关的码可以保留。",
        "The page has a QR or bar code that may hold the name or lead to the person (a verification page, a number).",
        "A person should decide whether it must be masked; a code that has nothing to do with the person may stay.",
    ),
}

# Where an issue is a warning, something else is the case: the file did open. Codes that are missing here say the same for both.
WARNINGS: dict[str, Entry] = {
    "unopenable": Entry(
        "文件有损坏：打开时经过修复，或有个别内容未能显示。",
        "请核对页面是否完整，最好重新导出或扫描后再上传。",
        "The file is damaged: it was repaired on opening, or something on a page could not be shown.",
        "Check that the pages are complete; better, export or scan it again and upload that.",
    ),
    "truncated": Entry(
        "文件缺少结束标记，但画面完整。",
        "可以使用；如方便，请重新导出或传输原文件。",
        "The file lacks its end marker, but the picture is complete.",
        "It can be used; export or copy the original again if that is easy.",
    ),
    "wrong_type": Entry(
        "扩展名与文件内容不符，已按实际内容打开。",
        "请改成与内容一致的扩展名，以免别人打不开。",
        "The extension does not match the content; the file was opened as what it is.",
        "Give it the extension of its content, so that others can open it.",
    ),
    "blank": Entry(
        "有一页是空白的。",
        "若只是背面，可以保留；否则请检查是否扫反了面。",
        "One of the pages is blank.",
        "The back of a sheet may stay; otherwise check whether the wrong side was scanned.",
    ),
    "blurred": Entry(
        "页面有些模糊，个别文字可能看不清。",
        "最好对准焦距后重拍，或用扫描仪扫描。",
        "The page is a little blurred; some of its text may be hard to read.",
        "Better take it again in focus, or use a scanner.",
    ),
    "low_resolution": Entry(
        "分辨率偏低，个别文字可能看不清。",
        "最好用 200 dpi 以上重新扫描。",
        "The resolution is rather low; some of the text may be hard to read.",
        "Better scan again at 200 dpi or more.",
    ),
    "too_dark": Entry(
        "画面偏暗，或有阴影，个别文字可能看不清。",
        "最好在光线充足处重拍。",
        "The picture is rather dark, or lies in shadow; some of its text may be hard to read.",
        "Better take it again in good light.",
    ),
    "too_bright": Entry(
        "画面偏亮，个别文字可能看不清。",
        "最好降低曝光后重拍，或调暗扫描。",
        "The picture is rather bright; some of its text may be hard to read.",
        "Better take it again with less exposure, or scan darker.",
    ),
    "low_contrast": Entry(
        "文字颜色偏浅，个别文字可能看不清。",
        "最好调深后重新扫描。",
        "The text is rather faint; some of it may be hard to read.",
        "Better scan it again, darker.",
    ),
    "noisy": Entry(
        "画面噪点或压缩痕迹较多，个别文字可能看不清。",
        "最好在光线充足处重拍，并按原图上传。",
        "The picture has much grain, or was compressed hard; some of its text may be hard to read.",
        "Better take it again in good light, and upload the original.",
    ),
    "rotated": Entry(
        "页面方向不正，姓名已按实际方向查找。",
        "平台要求转正时，请转正后重新上传；用命令行的可加 redact screen --upright。",
        "The page is not upright; the name was searched the way the page lies.",
        "Where it must be upright, redact screen --upright turns it.",
    ),
    "skewed": Entry(
        "页面有些歪斜。",
        "最好摆正后重新扫描；用命令行的可加 redact screen --upright 校正。",
        "The page is a little tilted.",
        "Better straighten it and scan again, or let redact screen --upright do it.",
    ),
    "obscured": Entry(
        "有些文字可能被手指或物品遮挡。",
        "请核对该处；如有遮挡，移开后重拍。",
        "Something may cover part of the text.",
        "Check the place; if something lies on it, take it away and take the picture again.",
    ),
    "glare": Entry(
        "页面有反光，空白处可能有内容被遮住。",
        "请核对该处；最好避开灯光直射后重拍。",
        "There is a reflection on the page; something may be hidden in it.",
        "Check the place; better take it again away from direct light.",
    ),
    "cut_off": Entry(
        "页面的边框或一角可能不在画面内。",
        "请核对内容是否完整，最好把整页放进画面后重拍。",
        "The page's frame or one of its corners may lie outside the picture.",
        "Check that nothing is missing; better take it again with the whole page in the picture.",
    ),
}

REASONS: dict[str, Entry] = {
    "unread_text": Entry(
        "有些文字没能识别，其中可能有姓名。", _LOOK, "Some text could not be read; the name may be in it.", _LOOK_EN
    ),
    "weak_text": Entry(
        "有些文字识别得不可靠，其中可能有姓名。",
        _LOOK,
        "Some text could be read only unreliably; the name may be in it.",
        _LOOK_EN,
    ),
    "small_text": Entry(
        "文字太小，识别不可靠。",
        "请用更高的分辨率（300 dpi）重新扫描，或由人工查看。",
        "The text is too small to be read reliably.",
        "Scan again at a higher resolution (300 dpi), or have a person look at it.",
    ),
    "orientation_unsure": Entry(
        "无法确定页面的正方向。",
        "请转正后重新上传，或由人工查看。",
        "It is not certain which way up the page is.",
        "Turn it upright and upload it again, or have a person look at it.",
    ),
    "uncertain_hit": Entry("此处像是姓名，但不能确定。", _LOOK, "This looks like the name, but is not certain.", _LOOK_EN),
    "part_of_name": Entry("此处单独出现了姓名的一部分。", _LOOK, "A part of the name stands here on its own.", _LOOK_EN),
    "maybe_other": Entry(
        "此处的字与姓名相同，但可能是别人的姓名或普通词语。",
        _LOOK,
        "The characters are those of the name, but may belong to another person's name or to a word.",
        _LOOK_EN,
    ),
    "signature_unread": Entry(
        "签名处有字迹但无法识别，已建议遮盖。",
        "请由人工确认这是否是本人签名。",
        "There is writing where a signature belongs and it cannot be read; a mask is proposed.",
        "A person should confirm whether it is the applicant's signature.",
    ),
    "seal_unread": Entry(
        "印章上的字无法识别，可能是姓名章。", _LOOK, "A seal could not be read; it may be a name seal.", _LOOK_EN
    ),
    "machine_code_unread": Entry(
        "有二维码或条形码无法解码，其中可能有姓名，已建议遮盖。",
        "请用手机扫一扫，判断是否遮盖。",
        "A QR or bar code cannot be decoded; the name may be in it, and a mask is proposed.",
        "Scan it with a phone, and decide whether it must be masked.",
    ),
    "leak_found": Entry(
        "复查遮盖后的文件时仍发现姓名，因此没有放行。",
        "请由人工遮盖，或换一份更清楚的扫描件。",
        "The name was still found in the masked file, so it was not released.",
        "Mask it by hand, or provide a clearer scan.",
    ),
    "page_failed": Entry(
        "此页处理失败，其余页不受影响。",
        "请由人工查看此页，或重新扫描。",
        "This page could not be processed; the other pages are not affected.",
        "Have a person look at this page, or scan it again.",
    ),
    "poor_page": Entry(
        "页面不清楚或不完整，其中的姓名可能没有找到。",
        "请由人工查看整页，或换一份清楚、完整的扫描件。",
        "The page is unclear or incomplete; the name may be on it without having been found.",
        "Have a person look at the whole page, or provide a clear and complete scan.",
    ),
    "no_text": Entry(
        "页面上没有读到任何文字，无法判断有没有姓名。",
        "请由人工查看；如果是空白页或照片，可以确认为否。",
        "No text was read on the page, so it cannot be said whether the name is there.",
        "Have a person look; a blank page or a photograph may be confirmed as 否.",
    ),
    "text_layer_differs": Entry(
        "PDF 里的文字与看到的画面不一致。",
        _LOOK,
        "The text inside the PDF differs from what the page shows.",
        _LOOK_EN,
    ),
    "unread_script": Entry(
        "有一行文字的文种无法识别（例如维吾尔文），其中可能有姓名。",
        _LOOK,
        "A line is in a script that cannot be read here (Uyghur, for example); the name may be in it.",
        _LOOK_EN,
    ),
}

# Why a page became a picture although its text was to be kept; no reason for a person to look.
_PICTURE, _PICTURE_EN = "此页已转为图片，遮盖不受影响。", "The page became a picture; its masks are not affected."
KEPT_TEXT: dict[str, Entry] = {
    "no_text_to_keep": Entry(
        "页面没有可以保留的文字（例如扫描件）。", _PICTURE, "The page has no text to keep: a scan, for example.", _PICTURE_EN
    ),
    "mostly_pictures": Entry(
        "页面大部分是图片、曲线或底纹，文字没有保留。",
        _PICTURE,
        "Most of the page is pictures, curves or shades, so its text was not kept.",
        _PICTURE_EN,
    ),
    "text_not_proved": Entry(
        "无法证明保留的文字只包含看得见的内容。",
        _PICTURE,
        "It could not be proved that the kept text says only what is seen.",
        _PICTURE_EN,
    ),
    "name_in_text": Entry(
        "复查时在保留的文字里发现了姓名，或与姓名相同的字。",
        _PICTURE,
        "The name, or the same characters, were found in the text that was kept.",
        _PICTURE_EN,
    ),
}

_AGAIN = "请重试；若再次发生，请拆成几个文件后再上传。"
_AGAIN_EN = "Try again; if it happens again, split the file and upload the parts."

ERRORS: dict[str, Entry] = {
    "internal": Entry(
        "程序内部出错，此文件没有处理完。",
        "请把错误类型报告给开发者；不要附上原文件。",
        "An internal error: this file was not finished.",
        "Report the kind of error to the developers; do not attach the file.",
    ),
    "usage": Entry(
        "用法不对。",
        "请看 redact --help。",
        "The command cannot be carried out as it was given.",
        "See redact --help.",
    ),
    "invalid_name": Entry(
        "姓名无效：至少要有两个字。",
        "请给出申请人的完整姓名，例如 --name 张三。",
        "The name is not valid: it needs at least two characters.",
        "Give the applicant's full name, for example --name 张三.",
    ),
    "not_a_file": Entry(
        "这不是文件：是文件夹，或者不存在。",
        "请给出文件的路径；要处理整个文件夹，请写 文件夹/*。",
        "This is not a file: it is a folder, or does not exist.",
        "Give the path of a file; for a whole folder write FOLDER/*.",
    ),
    "output_exists": Entry(
        "输出会覆盖已有的文件。",
        "请用 --out 指定另一个文件夹。",
        "The output would overwrite a file that exists.",
        "Name another folder with --out.",
    ),
    "model": Entry(
        "识别模型缺失或与清单不符。",
        "请重新安装，或用 --models-dir / REDACT_MODELS_DIR 指定模型文件夹。",
        "The recognition models are missing or not the ones that the manifest lists.",
        "Install again, or name the models' folder with --models-dir or REDACT_MODELS_DIR.",
    ),
    "sandbox": Entry(
        "无法启动隔离的解码进程，所以没有打开文件。",
        "请允许本程序启动子进程（容器、安全软件的限制），并确认内存充足；信任文件来源时可用 Redactor(sandbox=False) 关闭隔离。",
        "No isolated process could be started to open the file in, so it was not opened.",
        "Let the program start processes (containers and security software may forbid it), and see that memory is left. Where "
        "the files can be trusted, Redactor(sandbox=False) does without.",
    ),
    "worker_lost": Entry(
        "处理此文件的进程意外中止。",
        _AGAIN,
        "The process that worked on this file ended unexpectedly.",
        _AGAIN_EN,
    ),
    "deadline_exceeded": Entry(
        "处理此文件的时间超过上限，已中止。",
        _AGAIN,
        "This file took longer than is allowed, so work on it was ended.",
        _AGAIN_EN,
    ),
    "cancelled": Entry(
        "处理已取消。",
        "需要时请重新提交此文件。",
        "Work on this file was cancelled.",
        "Submit the file again if it is still needed.",
    ),
}

# What the service answers beyond these; its codes are those of service/problems.py.
SERVICE: dict[str, Entry] = {
    "unauthorized": Entry(
        "没有密钥，或密钥无效、已停用。",
        "请在请求头 X-API-Key 中给出有效的密钥。",
        "There is no key, or it is not valid or was revoked.",
        "Send a valid key in the header X-API-Key.",
    ),
    "link_expired": Entry(
        "链接无效或已过期。",
        "请回到申报平台重新打开。",
        "The link is not valid, or has expired.",
        "Go back to the platform and open it again.",
    ),
    "forbidden": Entry(
        "这个密钥或链接不能做这件事。",
        "请使用有权限的密钥。",
        "This key or link does not allow that.",
        "Use a key that does.",
    ),
    "loopback_only": Entry(
        "没有配置密钥时，只接受本机的访问。",
        "请先用 redact keys add 添加密钥。",
        "Without keys the service answers this computer alone.",
        "Add a key with redact keys add.",
    ),
    "not_found": Entry(
        "没有找到：不存在、已过期，或不属于这个密钥。",
        "请核对编号；过期的文件请重新上传。",
        "Not found: it does not exist, has expired, or belongs to another key.",
        "Check the id; upload again what has expired.",
    ),
    "method_not_allowed": Entry(
        "这个地址不支持这种请求方法。",
        "请看 /openapi.json 里的接口说明。",
        "This address does not take that method.",
        "See the description of the interface at /openapi.json.",
    ),
    "request_timeout": Entry(
        "上传太慢，已中断。", "请检查网络后重试。", "The upload was too slow and was stopped.", "Check the network and try again."
    ),
    "name_uncovered": Entry(
        "按这样遮盖，姓名仍然看得见。",
        "请把标出的位置也遮住；确认那不是本人姓名时，可以写明理由后保留。",
        "With these masks the name can still be seen.",
        "Mask the places that are shown too; where they are not the applicant's name, give a reason to leave them.",
    ),
    "needs_review": Entry(
        "还有页面没有确认，文件还不能使用。",
        "请先确认每一页是否需要遮盖。",
        "Some pages are not confirmed yet, so the file may not be used.",
        "First confirm for each page whether it must be masked.",
    ),
    "not_ready": Entry("还在处理。", "请稍后再试。", "It is still being processed.", "Try again in a moment."),
    "no_output": Entry(
        "没有遮盖后的文件：材料被退回，或遮盖后仍发现姓名。",
        "请看报告中的原因；可以手工遮盖标出的页面，或重新上传。",
        "There is no masked file: the upload was rejected, or the name was still found in it.",
        "See the reasons in the report; mask the pages by hand, or upload a better scan.",
    ),
    "idempotency_conflict": Entry(
        "同一个 Idempotency-Key 已用于另一份内容。",
        "不同的上传请用不同的键。",
        "This Idempotency-Key was used for another upload.",
        "Use another key for another upload.",
    ),
    "stale_revision": Entry(
        "这份文件刚刚被别人改过。",
        "请重新载入后再改。",
        "Somebody else has just changed this document.",
        "Load it again, then make the change.",
    ),
    "upload_too_large": Entry(
        "上传的内容超过了大小上限。",
        "请拆成几个文件，或降低扫描分辨率（200–300 dpi 足够）。",
        "The upload is larger than is allowed.",
        "Split it, or scan at a lower resolution (200–300 dpi is enough).",
    ),
    "invalid_request": Entry(
        "请求的内容不对。",
        "请看 /openapi.json 里的接口说明。",
        "The request is not valid.",
        "See the description of the interface at /openapi.json.",
    ),
    "rate_limited": Entry("请求太频繁。", "请稍后再试。", "There are too many requests.", "Try again in a moment."),
    "queue_full": Entry("等待处理的文件太多。", "请稍后再试。", "Too many documents are waiting.", "Try again in a moment."),
    "shutting_down": Entry("服务正在停止。", "请稍后再试。", "The service is stopping.", "Try again in a moment."),
    "starting": Entry("服务正在启动。", "请稍后再试。", "The service is starting.", "Try again in a moment."),
    "overloaded": Entry(
        "服务太忙，没能及时完成。", "请稍后再试。", "The service is too busy to do it in time.", "Try again in a moment."
    ),
}

CATALOGUE: dict[str, Entry] = ISSUES | REASONS | KEPT_TEXT | ERRORS | SERVICE


def message(code: str, lang: Lang = "zh", severity: Severity | None = None) -> str:
    """What ``code`` means; for an issue, at its ``severity``.

    Raises:
        KeyError: the catalogue has no such code; a test keeps codes and catalogue together.
    """
    entry = _find(code, severity)
    return entry.zh if lang == "zh" else entry.en


def advice(code: str, lang: Lang = "zh", severity: Severity | None = None) -> str:
    """What to do about ``code``; for an issue, at its ``severity``.

    Raises:
        KeyError: the catalogue has no such code.
    """
    entry = _find(code, severity)
    return entry.zh_advice if lang == "zh" else entry.en_advice


def _find(code: str, severity: Severity | None) -> Entry:
    usual = CATALOGUE[code]
    return WARNINGS.get(code, usual) if severity == "warn" else usual


def explain(error: RedactError, lang: Lang = "zh") -> str:
    """An error's message and advice, as one line for people."""
    gap = "" if lang == "zh" else " "
    return f"{message(error.code, lang)}{gap}{advice(error.code, lang)}"
