"""Word lists of the synthetic books: names, streets, towns, trades; all plainly made up.

Chinese given names are pairs of neighbouring characters of the Thousand Character Classic, such as
天地 and 玄黄; English surnames are compounds such as Ashmere and Larkford. Towns are samples by
name: 样本市, Sampleton. Only American states, their main time zone and area codes are real.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "CHINESE_COMPANY_WORDS",
    "CHINESE_GIVEN",
    "CHINESE_STREETS",
    "CHINESE_SURNAMES",
    "CHINESE_TRADES",
    "ENGLISH_GIVEN",
    "ENGLISH_STREETS",
    "ENGLISH_SURNAMES",
    "ENGLISH_TRADES",
    "SPANISH_GIVEN",
    "STATES",
]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _compounds(firsts: tuple[str, ...] | str, lasts: tuple[str, ...] | str) -> tuple[str, ...]:
    return tuple(first + last for first in firsts for last in lasts)


CHINESE_SURNAMES: Final = tuple(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜"
)
CHINESE_GIVEN: Final = _words(
    """
    天地 玄黄 宇宙 日月 盈昃 辰宿 列张 寒来 暑往 秋收 冬藏 闰余 成岁 律吕 调阳 云腾 致雨 露结
    金生 丽水 玉出 昆冈 巨阙 珠称 夜光 珍李 菜重 芥姜 海咸 河淡 鳞潜 羽翔 文字 衣裳 推位 虞陶
    垂拱 平章 爱育 遐迩 率宾 鸣凤 在竹 白驹 食场 草木 万方 四大 五常 必改 得能 莫忘 信使 可覆
    墨悲 丝染 诗赞 羔羊 景行 维贤 克念 德建 名立 形端 表正 空谷 传声 虚堂 习听 川流 不息 渊澄
    容止 若思 言辞 安定 笃初 诚美 慎终 宜令 荣业 所基 学优 登仕 存以 甘棠 乐殊 礼别 上和 下睦
    为霜 问道 器欲 取映
    """
)
CHINESE_STREETS: Final = _compounds(
    "甲乙丙丁戊己庚辛壬癸", tuple(f"{sign}路" for sign in "子丑寅卯辰巳午未申酉戌亥")
)
CHINESE_COMPANY_WORDS: Final = _compounds("样范试拟虚构例示模演", "山川湖海云松竹梅石泉")
CHINESE_TRADES: Final = _words("商贸 餐饮管理 物流 建材 服装 电子科技 农产品 印刷")

ENGLISH_GIVEN: Final = _words(
    """
    Abel Ada Alder Amity Anselm Arden Aster Basil Birch Briar Bram Calla Cedar Clement Clove Coral
    Dahlia Damson Dov Edda Elm Ember Enid Fern Fennel Flint Garnet Ginger Hazel Heath Holly Indigo
    Iris Ivy Jasper Juniper Kestrel Larch Laurel Linden Linnet Lark Maple Marlow Merle Moss Myrtle
    Nettle Nova Oakley Olive Onyx Opal Orrin Pearl Perry Poppy Primrose Quill Quince Reed Robin
    Rowan Rue Rush Sable Saffron Sage Sorrel Tansy Teasel Thorn Thyme Umber Vale Verity Willow Wren
    Yarrow Zinnia
    """
)
SPANISH_GIVEN: Final = _words(
    """
    Alba Amapola Azucena Begonia Brisa Celeste Clavel Dalia Estrella Gardenia Iris Jacinto Jazmín
    Laurel Luna Magnolia Mar Narciso Olivo Paloma Perla Rocío Romero Sol Tomillo Trigo Violeta
    """
)
ENGLISH_SURNAMES: Final = _compounds(
    _words(
        """
        Ash Amber Barley Bell Black Bram Briar Brook Clay Cold Copper Corn Dark Deer Dove Elder Ever
        Fair Fallow Fern Fox Frost Glen Gold Gorse Green Grey Hart Hawk Hay Hazel High Honey Iron
        Kirk Lark Lime Long Marsh Mill Moor Moss Nether Nettle North Oak Old Otter Pine Quarry
        Raven Red
        """
    ),
    _words("acre bourne brow combe croft dell ford gate glade lock mere pool rick thwaite wick"),
)
ENGLISH_STREETS: Final = _compounds(
    _words("Sample Specimen Mockup Placeholder Example Dummy Pattern Template Draft Outline"),
    (" Street", " Avenue", " Road", " Lane", " Court", " Drive", " Terrace", " Way"),
)
ENGLISH_TRADES: Final = _words(
    "Bakery Plumbing Landscaping Freight Printing Catering Roofing Tailoring"
)

#: State, its main time zone, area codes in use there.
STATES: Final = (
    ("NY", "America/New_York", "212 315 516 518 585 607 631 716 718 845 914"),
    ("FL", "America/New_York", "239 305 321 352 386 407 561 727 772 813 850 904 941 954"),
    ("GA", "America/New_York", "229 404 478 678 706 770 912"),
    ("NC", "America/New_York", "252 336 704 828 910 919"),
    ("OH", "America/New_York", "216 330 419 440 513 614 740 937"),
    ("PA", "America/New_York", "215 412 570 610 717 724 814"),
    ("MI", "America/Detroit", "231 248 269 313 517 586 616 734 810 906 989"),
    ("TX", "America/Chicago", "210 214 254 281 361 409 432 512 713 806 817 830 903 940 956 972"),
    ("IL", "America/Chicago", "217 309 312 618 630 708 773 815 847"),
    ("MO", "America/Chicago", "314 417 573 636 660 816"),
    ("MN", "America/Chicago", "218 320 507 612 651 763 952"),
    ("WI", "America/Chicago", "262 414 608 715 920"),
    ("CO", "America/Denver", "303 719 720 970"),
    ("UT", "America/Denver", "435 801"),
    ("NM", "America/Denver", "505 575"),
    ("AZ", "America/Phoenix", "480 520 602 623 928"),
    ("CA", "America/Los_Angeles", "209 213 310 323 408 415 510 530 559 619 626 650 661 707 714"),
    ("WA", "America/Los_Angeles", "206 253 360 425 509"),
    ("OR", "America/Los_Angeles", "503 541"),
    ("HI", "Pacific/Honolulu", "808"),
)
