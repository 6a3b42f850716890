"""Names for invented people, from the many backgrounds of an English county."""

from collections.abc import Iterator
from random import Random

GIVEN = (
    "Aaliyah Abena Ada Adaeze Agnieszka Aisha Alasdair Alice Amara Ana Anil Aoife Arjun Arlo Ayesha Beatrix "
    "Benedict Bilal Blessing Bronwen Callum Caoimhe Carys Charlotte Chidi Chloe Ciaran Clementine Dafydd Daniela "
    "Delroy Dilys Dorota Edmund Elif Eleri Elżbieta Emeka Esther Ewan Farah Fatima Felicity Femi Fergus Fiona "
    "Florence Gareth Geraint Gita Gwen Habiba Hamish Hanna Harjit Hassan Hester Hüseyin Ibrahim Imogen Ines Iona "
    "Isaac Ivy Jamal Jasmin Joanna Jovan Kamila Katarzyna Kavita Keir Kemi Kofi Krishna Kwame Laila Leila Leon "
    "Lerato Lorna Lucía Magda Mairi Malik Marek María Matilda Mbali Meera Mehmet Miriam Mohamed Morwenna Nadia "
    "Naomi Nerys Ngozi Niamh Nikhil Nneka Noor Oisín Olive Oluwaseun Omar Oriel Osian Padma Patience Petra "
    "Philippa Piotr Priya Rafael Rajesh Rhiannon Rohan Rosalind Rowan Ruth Saanvi Sadia Salma Samira Sanjay "
    "Saoirse Sean Selina Shanice Sian Siobhán Sofia Stefan Sunita Tadeusz Tamsin Tariq Tegan Temitope Theo Tomos "
    "Uzma Valentina Verity Viktor Wanda Wei Winifred Xin Yasmin Yusuf Zahra Zainab Zofia Zoë"
).split()
FAMILY = (
    "Abara Achterberg Addo Adeyemi-Cross Aldergrove Amaechi Appleyarde Arkwell Ashdowne Asante-Lowe Attwater "
    "Babatola Bakshi-Hale Barleycote Basra Beckwold Bellweather Birchall-Rao Blackmere Boakye Bramblewick "
    "Brindlesworth Brockhollow Cairnsby Calderwick Carrowmore Castellan Chaudhari-Pell Chilcotte Clearwell "
    "Coppersmythe Cragside Cuthberton Dacombe Dallimere Dankworth Daverell Delacombe Dhaliwal-Frost Dovecote "
    "Dragomir Dunmarrow Eastleaze Eboigbe Eccleshaw Ellerdine Emberson Fairbourne Fallowfield Farrowdale "
    "Fennimore Ferncliffe Flintoft-Das Foxholme Gadesby Galbraith-Ong Garrowby Gillingshaw Glasswell Goldacre "
    "Greyling Grimsdyke Haldenby Halloway Hanbeck Harcastle Hawkstone Hazelgrove Heronsgate Hexworthy Holtwhistle "
    "Ibekwe Inglewood Ivybridge Jarrowell Jelani-West Kaczmarek-Dean Kestrel Kilbrannan Kingsmere Kowalczyk-Reed "
    "Lambfold Langmeadow Larchwood Leatherbarrow Linfoot Lowthian Lyndhurst-Roe Maddersfield Malhotra-Finch "
    "Marchbank Mardlebury Meadowcroft Mellingham Merrowdown Midwinter Mistry-Vale Moorhouse-Bello Mossgiel "
    "Nettlefold Newbiggin Nightingale-Osei Northcotte Nwosu-Brand Oakenshaw Oduya Okafor-Lind Orchardson "
    "Otterburn Oyelaran Pashley-Khan Patterdale Peartree Pellingham Penhallow Pomfrey Quarmby Quillfeather "
    "Rackstraw Ravensdale Redfearn Ridgewell Rookwood Rowanbury Ruddlesden Sallowfield Saltmarsh Sandilands "
    "Sedgewick-Roy Selwood Shackleby Silverdale Skelbrooke Snowdrop Sorrell Southernwood Spindlewood Stanmere "
    "Starling Stonebridge Summerhay Swallowbeck Tanglewood Tarnside Teasdale-Mir Thistlewood Thornbury-Singh "
    "Tolpuddle Tressillian Twelvetrees Underhill-Shah Umebayashi Vandersloot Wainfleet Waterfall Weatherstone "
    "Westerdale Whinfell Whitethorn Wildgoose Willowbrook Winterbourne Woodlark Wrenfield Yarrowby Yeats-Kaur"
).split()


def invented(chance: Random) -> Iterator[tuple[str, str]]:
    """(given name, family name) pairs without end, none twice until all have been used."""
    pairs = [(given, family) for given in GIVEN for family in FAMILY]
    chance.shuffle(pairs)
    yield from pairs
